#define KERNELS kernels_scalar
#include "worker/kernels_body.h"
