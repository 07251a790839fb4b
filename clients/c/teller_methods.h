// What the messages of a method are. Inside the library.
#ifndef TELLER_METHODS_H
#define TELLER_METHODS_H

#include "teller_client.h"

// Whether a method answers with a stream.
int teller_method_is_streamed(TellerMethod method);

// The message of an answer, of a stream's messages where `is_last` is 0; NULL for an unknown method.
const ProtobufCMessageDescriptor *teller_answer_descriptor(TellerMethod method, int is_last);

#endif
