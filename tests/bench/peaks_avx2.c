#define PEAKS peaks_avx2
#include "tests/bench/peaks_body.h"
