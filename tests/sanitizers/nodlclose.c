/* nodlclose.c -- linked into sanitizer builds only: plugins of Open MPI and PMIx stay
 * mapped, so that a leak's stack still has names when it is reported at exit */
int dlclose(void *handle);

int dlclose(void *handle)
{
    (void)handle;
    return 0;
}
