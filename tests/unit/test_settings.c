/* SPDX-License-Identifier: MIT */
/* Values that platforms set, and what survives when a write is interrupted at any step or byte. */
#include "store/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/support.h"

/* ---- system calls that fail -------------------------------------------------------------------- */

static struct {
    bool on;
    int calls; /* so far */
    int at;    /* that call ends the process (die) or fails (error) */
    bool die;
    long bytes;     /* >= 0: the process ends after this many bytes were written */
    char trace[64]; /* one letter per call */
} kernel = { .bytes = -1 };

int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *data, size_t n);
int __real_fsync(int fd);
int __real_rename(const char *from, const char *to);
int __real_close(int fd);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *data, size_t n);
int __wrap_fsync(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_close(int fd);

/* Whether this call must fail. */
static bool step(char letter)
{
    if (!kernel.on)
        return false;
    if (kernel.calls < (int)sizeof(kernel.trace) - 1)
        kernel.trace[kernel.calls] = letter;
    if (kernel.calls++ != kernel.at)
        return false;
    if (kernel.die)
        _exit(9);
    errno = EIO;
    return true;
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list ap;

    va_start(ap, flags);
    mode_t mode = flags & O_CREAT ? (mode_t)va_arg(ap, unsigned) : 0;
    va_end(ap);
    return step('o') ? -1 : __real_open(path, flags, mode);
}

int __wrap_open64(const char *path, int flags, ...)
{
    va_list ap;

    va_start(ap, flags);
    mode_t mode = flags & O_CREAT ? (mode_t)va_arg(ap, unsigned) : 0;
    va_end(ap);
    return step('o') ? -1 : __real_open(path, flags, mode);
}

ssize_t __wrap_write(int fd, const void *data, size_t n)
{
    if (step('w'))
        return -1;
    if (kernel.on && kernel.bytes >= 0) {
        (void)!__real_write(fd, data, (size_t)kernel.bytes < n ? (size_t)kernel.bytes : n);
        _exit(9);
    }
    return __real_write(fd, data, n);
}

int __wrap_fsync(int fd)
{
    /* Without the real fsync(), which is slow: no test cuts the power. */
    return step('s') ? -1 : fd < 0 ? __real_fsync(fd) : 0;
}

int __wrap_rename(const char *from, const char *to)
{
    return step('r') ? -1 : __real_rename(from, to);
}

int __wrap_close(int fd)
{
    if (step('c')) {
        __real_close(fd);
        return -1;
    }
    return __real_close(fd);
}

/* ---- temporary directory ------------------------------------------------------------------------ */

static char folder[64], path[96], old_path[96], broken_path[96];

static int make_folder(void **state)
{
    (void)state;
    /* In memory if possible: on ext4, each rename over a file waits for the disk. */
    snprintf(folder, sizeof(folder), "%s/gbagent-settings-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/settings", folder);
    snprintf(old_path, sizeof(old_path), "%s/settings.old", folder);
    snprintf(broken_path, sizeof(broken_path), "%s/settings.broken", folder);
    memset(&kernel, 0, sizeof(kernel));
    kernel.bytes = -1;
    return 0;
}

static void remove_files(void)
{
    static const char *const suffix[] = { "", ".old", ".new", ".broken" };
    char name[128];

    for (size_t i = 0; i < sizeof(suffix) / sizeof(suffix[0]); i++) {
        snprintf(name, sizeof(name), "%s%s", path, suffix[i]);
        (void)unlink(name);
    }
}

static int remove_folder(void **state)
{
    (void)state;
    remove_files();
    return rmdir(folder);
}

static struct settings *reopen(struct settings *s)
{
    struct settings *out = NULL;

    settings_free(s);
    assert_int_equal(settings_open(path, &out), 0);
    return out;
}

static void spoil(const char *file, long at)
{
    FILE *f = fopen(file, "r+b");

    assert_non_null(f);
    assert_int_equal(fseek(f, at, SEEK_SET), 0);
    assert_int_equal(fputc('~', f), '~');
    assert_int_equal(fclose(f), 0);
}

/* ---- values ------------------------------------------------------------------------------------- */

struct seen {
    unsigned n;
    char text[256];
};

static void see(void *arg, const char *key, const char *value)
{
    struct seen *s = arg;

    s->n++;
    strncat(s->text, key, sizeof(s->text) - strlen(s->text) - 1);
    strncat(s->text, value, sizeof(s->text) - strlen(s->text) - 1);
}

static void test_values_survive_reopening(void **state)
{
    struct seen seen = { 0 };
    struct settings *s = reopen(NULL);

    (void)state;
    assert_null(settings_get(s, "device", "name"));
    assert_int_equal(settings_put(s, "device", "name", "\xe5\xa4\xa7\xe9\x97\xa8 = [1] # "), 0);
    assert_int_equal(settings_put(s, "34020000001310000001", "OSDConfig", "<OSDConfig/>"), 0);
    assert_int_equal(settings_put(s, "34020000001310000001", "empty", ""), 0);
    assert_int_equal(settings_put(s, "device", "gone", "x"), 0);
    assert_int_equal(settings_put(s, "device", "gone", NULL), 0);
    assert_int_equal(settings_put(s, "device", "never", NULL), 0);
    assert_int_equal(settings_put(s, "other", "alone", "x"), 0);
    assert_int_equal(settings_put(s, "other", "alone", NULL), 0);
    for (unsigned round = 0; round < 2; round++) {
        assert_string_equal(settings_get(s, "device", "name"), "\xe5\xa4\xa7\xe9\x97\xa8 = [1] # ");
        assert_string_equal(settings_get(s, "34020000001310000001", "OSDConfig"), "<OSDConfig/>");
        assert_string_equal(settings_get(s, "34020000001310000001", "empty"), "");
        assert_null(settings_get(s, "device", "gone"));
        assert_null(settings_get(s, "device", "OSDConfig"));
        assert_int_equal(settings_flush(s), 0);
        s = reopen(s);
    }
    settings_each(s, "34020000001310000001", see, &seen);
    assert_int_equal(seen.n, 2);
    assert_string_equal(seen.text, "OSDConfig<OSDConfig/>empty");
    settings_each(s, "nobody", see, &seen);
    assert_int_equal(seen.n, 2);
    settings_free(s);
}

static void test_invalid_names_and_values_are_refused(void **state)
{
    static const struct {
        const char *scope, *key, *value;
    } bad[] = {
        { "", "k", "v" },    { "s", "", "v" },           { "s]", "k", "v" },  { "[s", "k", "v" },   { "#s", "k", "v" },
        { "s", "#k", "v" },  { "s", "[k", "v" },         { "s", "a b", "v" }, { "s", "a=b", "v" },  { "s\n", "k", "v" },
        { "s", "k\t", "v" }, { "s", "k", "two\nlines" }, { "s", "k", "\r" },  { "s", "k", "\x7f" },
    };
    char large[SETTINGS_VALUE_MAX + 2], name[SETTINGS_SCOPE_MAX + 2];
    struct settings *s = reopen(NULL);

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(settings_put(s, bad[i].scope, bad[i].key, bad[i].value), -EINVAL);
    memset(large, 'x', sizeof(large));
    large[sizeof(large) - 1] = '\0';
    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(settings_put(s, "s", "k", large), -EINVAL);
    assert_int_equal(settings_put(s, name, "k", "v"), -EINVAL);
    assert_int_equal(settings_put(s, "s", name, "v"), -EINVAL);
    assert_null(settings_get(s, "s", name));
    /* The largest value allowed is stored in full. */
    large[SETTINGS_VALUE_MAX] = name[SETTINGS_SCOPE_MAX] = '\0';
    assert_int_equal(settings_put(s, name, name, large), 0);
    assert_int_equal(settings_flush(s), 0);
    s = reopen(s);
    assert_string_equal(settings_get(s, name, name), large);
    settings_free(s);
}

static void test_entries_are_bounded(void **state)
{
    struct settings *s = NULL;
    char key[16];
    unsigned n = 0;

    (void)state;
    assert_int_equal(settings_open("", &s), 0);
    for (int err = 0; !err && n <= SETTINGS_ENTRIES_MAX; n += !err) {
        snprintf(key, sizeof(key), "k%u", n);
        err = settings_put(s, "s", key, "value");
        assert_true(err == 0 || err == -ENOSPC);
        if (err)
            break;
    }
    assert_true(n == SETTINGS_ENTRIES_MAX);
    assert_int_equal(settings_put(s, "s", "k7", "another"), 0);
    assert_int_equal(settings_put(s, "s", "k8", NULL), 0);
    assert_int_equal(settings_put(s, "s", "again", "v"), 0);
    assert_string_equal(settings_get(s, "s", "k7"), "another");
    assert_int_equal(settings_flush(s), 0);
    settings_free(s);
}

static void test_no_folder(void **state)
{
    struct settings *s = NULL;

    (void)state;
    assert_int_equal(settings_open("/nonexistent-folder/settings", &s), -ENOENT);
    assert_int_equal(settings_open("/etc/passwd/settings", &s), -ENOTDIR);
    assert_null(s);
}

/* ---- corrupt files ------------------------------------------------------------------------------ */

/* "1" in PATH.old, "2" in PATH. */
static void two_copies(void)
{
    struct settings *s;

    remove_files();
    s = reopen(NULL);
    assert_int_equal(settings_put(s, "device", "k", "1"), 0);
    assert_int_equal(settings_flush(s), 0);
    assert_int_equal(settings_put(s, "device", "k", "2"), 0);
    assert_int_equal(settings_flush(s), 0);
    settings_free(s);
}

static long size_of(const char *file)
{
    struct stat st;

    return stat(file, &st) == 0 ? (long)st.st_size : -1;
}

static void test_broken_falls_back(void **state)
{
    struct settings *s = NULL;
    long size;

    (void)state;
    two_copies();
    size = size_of(path);
    assert_true(size > 0);
    for (long at = 0; at < size; at++) {
        two_copies();
        spoil(path, at);
        s = reopen(NULL);
        assert_string_equal(settings_get(s, "device", "k"), "1");
        assert_int_equal(access(broken_path, R_OK), 0);
        /* The next write does not destroy the copy that is still intact. */
        assert_int_equal(settings_put(s, "device", "k", "3"), 0);
        kernel.on = true;
        kernel.calls = 0;
        kernel.at = 5; /* the rename into place fails */
        assert_int_equal(settings_flush(s), -EIO);
        kernel.on = false;
        s = reopen(s);
        assert_string_equal(settings_get(s, "device", "k"), "1");
        settings_free(s);
    }
    for (long len = 0; len < size; len++) {
        two_copies();
        assert_int_equal(truncate(path, len), 0);
        s = reopen(NULL);
        assert_string_equal(settings_get(s, "device", "k"), "1");
        settings_free(s);
    }
}

static void test_both_broken(void **state)
{
    struct settings *s;

    (void)state;
    two_copies();
    spoil(path, 30);
    spoil(old_path, 30);
    s = reopen(NULL);
    assert_null(settings_get(s, "device", "k"));
    assert_int_equal(access(broken_path, R_OK), 0);
    assert_int_equal(settings_put(s, "device", "k", "4"), 0);
    assert_int_equal(settings_flush(s), 0);
    s = reopen(s);
    assert_string_equal(settings_get(s, "device", "k"), "4");
    settings_free(s);
}

/* A directory in place of the file. */
static void test_not_a_file(void **state)
{
    struct settings *s = NULL;

    (void)state;
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(settings_open(path, &s), 0);
    assert_null(settings_get(s, "device", "k"));
    settings_free(s);
    (void)rmdir(broken_path);
    (void)rmdir(path);
}

/* ---- power loss --------------------------------------------------------------------------------- */

/* Writes "new" over "old" in a child process that dies on the way. Returns its exit code. */
static int write_in_child(int at, long bytes)
{
    struct settings *s = reopen(NULL);
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        kernel.on = true;
        kernel.die = true;
        kernel.at = at;
        kernel.bytes = bytes;
        (void)settings_put(s, "device", "k", "new");
        _exit(settings_flush(s) ? 2 : 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    settings_free(s);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void write_old(void)
{
    struct settings *s;
    char key[16];

    s = reopen(NULL);
    assert_int_equal(settings_put(s, "device", "k", "older"), 0);
    assert_int_equal(settings_flush(s), 0);
    for (unsigned i = 0; i < 30; i++) {
        snprintf(key, sizeof(key), "key%u", i);
        assert_int_equal(settings_put(s, "34020000001310000001", key, "<FrameMirror>1</FrameMirror>"), 0);
    }
    assert_int_equal(settings_put(s, "device", "k", "old"), 0);
    assert_int_equal(settings_flush(s), 0);
    settings_free(s);
}

struct copy {
    char data[4096];
    size_t len;
};

static void read_copy(struct copy *c, const char *file)
{
    FILE *f = fopen(file, "rb");

    assert_non_null(f);
    c->len = fread(c->data, 1, sizeof(c->data), f);
    assert_in_range(c->len, 1, sizeof(c->data) - 1);
    assert_int_equal(fclose(f), 0);
}

static void write_copy(const struct copy *c, const char *file)
{
    FILE *f = fopen(file, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(c->data, 1, c->len, f), c->len);
    assert_int_equal(fclose(f), 0);
}

/* "old" in PATH, "older" in PATH.old. Written by settings once, then copied. */
static void start_old(void)
{
    static struct copy current, previous;

    remove_files();
    if (current.len) {
        write_copy(&current, path);
        write_copy(&previous, old_path);
        return;
    }
    write_old();
    read_copy(&current, path);
    read_copy(&previous, old_path);
}

/* true: the file has "new". It is intact in either case, and no copy was corrupt. */
static bool is_new(void)
{
    struct settings *s = reopen(NULL);
    const char *k = settings_get(s, "device", "k");
    bool yes;

    assert_non_null(k);
    yes = strcmp(k, "new") == 0;
    assert_true(yes || strcmp(k, "old") == 0);
    assert_string_equal(settings_get(s, "34020000001310000001", "key29"), "<FrameMirror>1</FrameMirror>");
    assert_int_not_equal(access(broken_path, R_OK), 0);
    /* Leftovers of the interrupted write do not prevent the next one. */
    assert_int_equal(settings_put(s, "device", "k", "after"), 0);
    assert_int_equal(settings_flush(s), 0);
    s = reopen(s);
    assert_string_equal(settings_get(s, "device", "k"), "after");
    settings_free(s);
    return yes;
}

static void test_killed_at_each_step(void **state)
{
    bool was_new = false;
    int steps = 0;

    (void)state;
    for (int code = 9; code == 9; steps++) {
        start_old();
        code = write_in_child(steps, -1);
        assert_true(code == 9 || code == 0);
        bool now_new = is_new();
        /* Once new, never old again. */
        assert_true(now_new || !was_new);
        was_new = now_new;
    }
    assert_true(was_new);
    assert_int_equal(steps, 10); /* open write fsync close rename rename open fsync close, and none */
}

static void test_killed_at_each_byte(void **state)
{
    long size;

    (void)state;
    start_old();
    size = size_of(path);
    assert_true(size > 1000);
    for (long n = 0; n <= size; n++) {
        start_old();
        assert_int_equal(write_in_child(-1, n), 9);
        assert_false(is_new());
    }
}

static void test_writes_sync_and_rename_in_order(void **state)
{
    struct settings *s;

    (void)state;
    start_old();
    s = reopen(NULL);
    kernel.on = true;
    kernel.at = -1;
    /* Nothing changed: no write. */
    assert_int_equal(settings_flush(s), 0);
    assert_int_equal(settings_put(s, "device", "k", "old"), 0);
    assert_int_equal(settings_flush(s), 0);
    assert_int_equal(kernel.calls, 0);
    assert_int_equal(settings_put(s, "device", "k", "new"), 0);
    assert_int_equal(settings_flush(s), 0);
    kernel.on = false;
    assert_string_equal(kernel.trace, "owscrrosc");
    settings_free(s);
}

static void test_each_step_fails(void **state)
{
    (void)state;
    for (int at = 0; at < 8; at++) {
        struct settings *s;

        start_old();
        s = reopen(NULL);
        assert_int_equal(settings_put(s, "device", "k", "new"), 0);
        kernel.on = true;
        kernel.calls = 0;
        kernel.at = at;
        assert_int_equal(settings_flush(s), -EIO);
        kernel.on = false;
        /* The file has either value, memory the new one, and the next attempt writes it. */
        struct settings *disk = reopen(NULL);
        const char *k = settings_get(disk, "device", "k");
        assert_true(k && (strcmp(k, "old") == 0 || (at >= 6 && strcmp(k, "new") == 0)));
        settings_free(disk);
        assert_string_equal(settings_get(s, "device", "k"), "new");
        assert_int_equal(settings_flush(s), 0);
        settings_free(s);
        assert_true(is_new());
    }
}

static void test_failed_allocation_keeps_the_stored_value(void **state)
{
    bool hit = true;

    (void)state;
    for (unsigned long n = 1; hit; n++) {
        struct settings *s = NULL;
        int put = -ENOMEM, opened, flushed = -ENOMEM;

        two_copies();
        oom_fail_at(n);
        opened = settings_open(path, &s);
        if (!opened)
            put = settings_put(s, "platform:main", "name", "v");
        if (!put)
            flushed = settings_flush(s);
        oom_off();
        hit = oom_hit();
        assert_true(opened == 0 || opened == -ENOMEM);
        if (!opened) {
            assert_string_equal(settings_get(s, "device", "k"), "2");
            assert_true(put == 0 || (put == -ENOMEM && !settings_get(s, "platform:main", "name")));
            assert_true(!put || flushed == -ENOMEM);
        }
        settings_free(s);
        s = reopen(NULL);
        assert_string_equal(settings_get(s, "device", "k"), "2");
        settings_free(s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values_survive_reopening, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_invalid_names_and_values_are_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_entries_are_bounded, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_no_folder, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_broken_falls_back, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_both_broken, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_not_a_file, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_killed_at_each_step, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_killed_at_each_byte, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_writes_sync_and_rename_in_order, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_each_step_fails, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_failed_allocation_keeps_the_stored_value, make_folder, remove_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
