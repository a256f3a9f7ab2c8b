#include <stdio.h>

int main(void)
{
    fputs("usage: plimsoll COMMAND\n", stderr);
    return 2;
}
