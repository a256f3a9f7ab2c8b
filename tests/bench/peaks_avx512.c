#define PEAKS peaks_avx512
#include "tests/bench/peaks_body.h"
