/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target on files and folders, without libFuzzer: `fuzz_x FILE|DIR ...`. Each input is allocated with its
 * exact size, so that sanitizers detect reads past its end. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long ran;

static int run_file(const char *path, long size)
{
    uint8_t *data = malloc(size ? (size_t)size : 1);
    FILE *f = fopen(path, "rb");
    int err = -1;

    if (data && f && fread(data, 1, (size_t)size, f) == (size_t)size) {
        LLVMFuzzerTestOneInput(data, (size_t)size);
        ran++;
        err = 0;
    } else {
        fprintf(stderr, "%s: cannot be read\n", path);
    }
    if (f)
        fclose(f);
    free(data);
    return err;
}

static int run_path(const char *path, bool into)
{
    struct dirent *e;
    struct stat st;
    int err = 0;
    DIR *d;

    if (stat(path, &st)) {
        perror(path);
        return -1;
    }
    if (!S_ISDIR(st.st_mode))
        return run_file(path, (long)st.st_size);
    d = into ? opendir(path) : NULL;
    if (!d)
        return into ? -1 : 0;
    while ((e = readdir(d))) {
        char name[4096];
        int n = snprintf(name, sizeof(name), "%s/%s", path, e->d_name);

        if (e->d_name[0] != '.' && n > 0 && (size_t)n < sizeof(name) && run_path(name, false))
            err = -1;
    }
    closedir(d);
    return err;
}

int main(int argc, char **argv)
{
    int err = 0;

    for (int i = 1; i < argc; i++)
        if (run_path(argv[i], true))
            err = -1;
    printf("%lu inputs replayed\n", ran);
    return err || !ran;
}
