/* SPDX-License-Identifier: MIT */
/* ffmpeg demuxes our PS into exactly the original file, after each unit was split into RTP packets and reassembled. The
 * clips are made by ffmpeg as well; without it the test is skipped. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board/sim/clip.h"
#include "media/packetizer.h"

#define WRAP_US (UINT64_C(95443717688)) /* 2^33 / 90 kHz */

static char dir[] = "/tmp/gbagent-ps-XXXXXX";

static int run(char *const argv[])
{
    pid_t pid = fork();
    int status;

    assert_true(pid >= 0);
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        execvp(argv[0], argv);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool have_ffmpeg(void)
{
    char *argv[] = { "ffmpeg", "-v", "quiet", "-version", NULL };

    return run(argv) == 0;
}

struct clip_case {
    const char *name;
    const char *size;
    const char *encoder; /* NULL: libx264 */
    const char *params;  /* x264-params or x265-params */
    const char *qp;
    const char *format; /* of the elementary stream */
    size_t key_min;     /* minimum bytes of the largest key unit */
    uint64_t pts_us;    /* of the first unit */
};

static const struct clip_case cases[] = {
    { "small", "320x180", NULL, "keyint=5:bframes=0:repeat-headers=1:aud=0", "34", "h264", 0, 5000000 },
    { "aud", "320x180", NULL, "keyint=5:bframes=0:repeat-headers=1:aud=1", "34", "h264", 0, 5000000 },
    { "slices", "640x360", NULL, "keyint=5:bframes=0:repeat-headers=1:slices=8", "26", "h264", 0, 5000000 },
    { "big", "1280x720", NULL, "keyint=5:bframes=0:repeat-headers=1", "26", "h264", 200000, 5000000 },
    { "big-slices-aud", "1280x720", NULL, "keyint=5:bframes=0:repeat-headers=1:slices=16:aud=1", "26", "h264", 200000,
      5000000 },
    { "wrap", "640x360", NULL, "keyint=5:bframes=0:repeat-headers=1", "20", "h264", 0, WRAP_US - 200000 },
    { "h265", "320x180", "libx265", "keyint=5:bframes=0:repeat-headers=1:log-level=none", "26", "hevc", 0, 5000000 },
};

static bool make_clip(const struct clip_case *c, char *path, size_t size)
{
    char source[128];
    const char *encoder = c->encoder ? c->encoder : "libx264";

    assert_true(snprintf(path, size, "%s/%s.%s", dir, c->name, c->encoder ? "h265" : "h264") < (int)size);
    (void)snprintf(source, sizeof(source), "testsrc2=size=%s:rate=25:duration=0.4,noise=alls=40:allf=t", c->size);
    char *argv[] = { "ffmpeg",
                     "-v",
                     "error",
                     "-y",
                     "-f",
                     "lavfi",
                     "-i",
                     source,
                     "-pix_fmt",
                     "yuv420p",
                     "-threads",
                     "1",
                     "-c:v",
                     (char *)(uintptr_t)encoder,
                     "-preset",
                     "ultrafast",
                     "-qp",
                     (char *)(uintptr_t)c->qp,
                     c->encoder ? "-x265-params" : "-x264-params",
                     (char *)(uintptr_t)c->params,
                     "-f",
                     (char *)(uintptr_t)c->format,
                     path,
                     NULL };
    return run(argv) == 0;
}

/* Joins the RTP payloads of the packed unit and appends them to the file. */
static void write_pack(struct packed_unit *p, FILE *f)
{
    const struct packets *k = &p->packets[PACKET_PS];

    for (unsigned i = 0; i < k->npkt; i++) {
        const struct msghdr *m = &k->msg[i].msg_hdr;
        size_t len = m->msg_iov[0].iov_len - RTP_HEADER;
        assert_int_equal(fwrite((const uint8_t *)m->msg_iov[0].iov_base + RTP_HEADER, 1, len, f), len);
        for (size_t j = 1; j < (size_t)m->msg_iovlen; j++) {
            assert_int_equal(fwrite(m->msg_iov[j].iov_base, 1, m->msg_iov[j].iov_len, f), m->msg_iov[j].iov_len);
            len += m->msg_iov[j].iov_len;
        }
        assert_int_equal(len, packets_len(k, i));
        assert_in_range(len, 1, RTP_PAYLOAD_MAX);
    }
}

static void pack_clip(const struct clip_case *c, const struct clip *clip, const char *out)
{
    const struct ps_program prog = { .video = clip->codec };
    struct packed_unit *p = calloc(1, sizeof(*p));
    FILE *f = fopen(out, "wb");
    size_t key_max = 0;

    assert_non_null(p);
    assert_non_null(f);
    for (size_t i = 0; i < clip->count; i++) {
        const struct clip_unit *u = &clip->unit[i];
        /* segments as from an encoder whose ring buffer wraps */
        const struct gb_segment seg[] = { { clip->data + u->at, u->len / 3 },
                                          { clip->data + u->at + u->len / 3, u->len - u->len / 3 } };
        uint64_t pts = (c->pts_us + i * 40000u) * 9u / 100u;
        p->unit = (struct gb_unit){ .kind = GB_VIDEO, .codec = clip->codec, .key = u->key, .seg = seg, .nseg = 2 };
        assert_int_equal(packetizer_build_ps(p, &prog, pts, pts), 0);
        write_pack(p, f);
        key_max = u->key && u->len > key_max ? u->len : key_max;
    }
    assert_true(key_max >= c->key_min);
    assert_int_equal(fclose(f), 0);
    packed_unit_free(p);
}

static void compare_file(const char *path, const struct clip *clip, size_t at, size_t len)
{
    uint8_t *data = malloc(len + 1);
    FILE *f = fopen(path, "rb");

    assert_non_null(f);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, len + 1, f), len);
    assert_memory_equal(data, clip->data + at, len);
    fclose(f);
    free(data);
}

static void test_ffmpeg_demuxes_the_original(void **state)
{
    struct list loaded;

    (void)state;
    if (!have_ffmpeg())
        skip_because("no ffmpeg");
    list_init(&loaded);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct clip_case *c = &cases[i];
        char in[128], ps[128], out[128];
        struct clip *clip;

        if (!make_clip(c, in, sizeof(in))) {
            assert_non_null(c->encoder); /* this ffmpeg has no x265, or one that crashes without /sys */
            print_message("skipped: %s: ffmpeg cannot encode it here\n", c->name);
            continue;
        }
        assert_int_equal(clip_get(&loaded, in, &clip), 0);
        assert_int_equal(clip->count, 10);
        (void)snprintf(ps, sizeof(ps), "%s/%s.ps", dir, c->name);
        (void)snprintf(out, sizeof(out), "%s/%s.out", dir, c->name);
        pack_clip(c, clip, ps);
        char *argv[] = { "ffmpeg", "-v", "error", "-y",   "-f", "mpeg",
                         "-i",     ps,   "-c",    "copy", "-f", (char *)(uintptr_t)c->format,
                         out,      NULL };
        assert_int_equal(run(argv), 0);
        print_message("%s: %zu units, %zu bytes\n", c->name, clip->count, clip->len);
        compare_file(out, clip, 0, clip->len);
        clip_put(clip);
        unlink(in);
        unlink(ps);
        unlink(out);
    }
}

static int setup(void **state)
{
    (void)state;
    return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return rmdir(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_ffmpeg_demuxes_the_original) };

    return cmocka_run_group_tests(tests, setup, teardown);
}
