#define PEAKS peaks_scalar
#include "tests/bench/peaks_body.h"
