// What an answer says, as fields of ../../interop/run.py.
#ifndef TELLER_INTEROP_ANSWERS_H
#define TELLER_INTEROP_ANSWERS_H

#include "teller_client.h"

// Prints the fields of a method's answer, each behind a blank.
void print_answer(TellerMethod method, const void *message);

#endif
