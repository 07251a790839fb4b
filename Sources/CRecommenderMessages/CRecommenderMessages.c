#include "CRecommenderMessages.h"
