/* SPDX-License-Identifier: MIT */
/* Messages of the simulated board about unplayable files. */
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board/sim/clip.h"
#include "board/sim/file_kind.h"
#include "board/sim/sim.h"
#include "board/sim/sound.h"
#include "tests/unit/sim_board.h"

static char dir[64], why[CLIP_WHY_SIZE];

static int setup(void **state)
{
    (void)state;
    snprintf(dir, sizeof(dir), "/tmp/test_sim_check.XXXXXX");
    assert_non_null(mkdtemp(dir));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(rmdir(dir), 0);
    return 0;
}

static const char *path_of(const char *name)
{
    static char path[160];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static void write_file(const char *name, const void *data, size_t len)
{
    FILE *f = fopen(path_of(name), "w");

    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    fclose(f);
}

/* The message about a file of that name, after its path. NULL: playable. */
static void says(int (*look)(const char *path, char *why), const char *name, const void *data, size_t len,
                 const char *want)
{
    char text[CLIP_WHY_SIZE];
    int err;

    write_file(name, data, len);
    err = look(path_of(name), why);
    unlink(path_of(name));
    if (!want) {
        assert_int_equal(err, 0);
        return;
    }
    assert_int_equal(err, -EINVAL);
    snprintf(text, sizeof(text), "%s/%s: %s", dir, name, want);
    assert_memory_equal(why, text, strlen(text));
}

static void clip_says(const char *name, const void *data, size_t len, const char *want)
{
    says(clip_check, name, data, len, want);
}

static void sound_says(const char *name, const void *data, size_t len, const char *want)
{
    says(sound_check, name, data, len, want);
}

/* The first bytes of files, as written by common programs. */
static const struct {
    const char *bytes;
    size_t len;
    const char *name;
    bool as_sound; /* also recognised as audio */
} kinds[] = {
    { "\x00\x00\x01\xBA\x44\x00\x04\x00", 8, "an MPEG program stream (PS)", true },
    { "\x00\x00\x01\xB3\x14\x00\xF0", 7, "an MPEG-1 or MPEG-2 video stream", true },
    { "\x00\x00\x00\x18"
      "ftypmp42",
      12, "an MP4 or MOV file", true },
    { "\x00\x00\x00\x14"
      "ftypqt  ",
      12, "an MP4 or MOV file", true },
    { "\x00\x00\x00\x20"
      "ftypM4A ",
      12, "MPEG-4 audio (M4A)", true },
    { "\x00\x00\x00\x18"
      "ftypheic",
      12, "a HEIF or AVIF picture", true },
    { "\x00\x00\x10\x00"
      "moov",
      8, "an MP4 or MOV file", true },
    { "\x00\x00\x00\x08"
      "wide",
      8, "an MP4 or MOV file", true },
    { "FLV\x01\x05", 5, "an FLV file", true },
    { "RIFF\x24\x00\x00\x00"
      "AVI LIST",
      16, "an AVI file", true },
    { "RIFF\x24\x00\x00\x00"
      "WAVEfmt ",
      16, "a WAV file", true },
    { "\x1A\x45\xDF\xA3\xA3\x42\x86\x81\x01\x42\x82\x88matroska", 20, "a Matroska file (MKV)", true },
    { "\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\x82\x84webm", 16, "a WebM file", true },
    { "OggS\x00\x02", 6, "an Ogg file", true },
    { "fLaC", 4, "a FLAC file", true },
    { "#!AMR\n", 6, "an AMR file", true },
    { "DKIF\x00\x00", 6, "an IVF file (VP8, VP9, AV1)", true },
    { "DHAV\xFD\x00", 6, "a recording of a Dahua recorder (DAV)", true },
    { "IMKH\x01\x01", 6, "a recording of a Hikvision recorder (PS)", true },
    { "\xFF\xD8\xFF\xE0\x00\x10JFIF", 10, "a JPEG picture", false },
    { "\x89PNG\r\n\x1A\n", 8, "a PNG picture", true },
    { "GIF89a", 6, "a GIF picture", true },
    { "ID3\x03\x00\x00", 6, "sound with an ID3 tag (MP3, AAC)", false },
    { "\xFF\xFB\x90\x64", 4, "an MP3 file", false },
    { "\xFF\xF1\x50\x80\x02\x1F\xFC", 7, "an AAC file", false },
    { "PK\x03\x04", 4, "a ZIP archive", true },
    { "\x1F\x8B\x08\x00", 4, "a gzip archive", false },
    { "#EXTM3U\n", 8, "a playlist", true },
    { "\x30\x26\xB2\x75\x8E\x66\xCF\x11", 8, "an ASF file (WMV, WMA)", true },
};

static void test_kinds(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        /* No access past the end, wherever the file is truncated. */
        for (size_t len = 0; len <= kinds[i].len; len++) {
            char *copy = guard_copy(kinds[i].bytes, len);
            const struct file_kind *picture = file_kind((const uint8_t *)copy, len, false);
            const struct file_kind *sound = file_kind((const uint8_t *)copy, len, true);

            if (len == kinds[i].len) {
                if (!picture || strcmp(picture->name, kinds[i].name) != 0)
                    fail_msg("%s is mistaken for %s", kinds[i].name, picture ? picture->name : "a stream");
                assert_int_equal(sound != NULL, kinds[i].as_sound);
            }
            guard_free(copy, len);
        }
    }
}

static void test_transport(void **state)
{
    static uint8_t ts[188 * 6], m2ts[192 * 6], flat[188 * 6];

    (void)state;
    memset(ts, 0xFF, sizeof(ts));
    memset(flat, 0x47, sizeof(flat));
    for (size_t i = 0; i < 6; i++)
        ts[i * 188] = m2ts[i * 192 + 4] = 0x47;
    assert_string_equal(file_kind(ts, sizeof(ts), false)->name, "an MPEG transport stream (TS)");
    assert_string_equal(file_kind(m2ts, sizeof(m2ts), true)->name, "an MPEG transport stream (TS)");
    assert_null(file_kind(ts, 188 * 3, false));
    assert_null(file_kind(flat, sizeof(flat), true));
}

static const uint8_t h264[] = {
    0, 0,    0,    1,    0x67, 0x42, 0x00, 0x0A, 0xF8, 0x41, 0xA2, 0,    0,    0,
    1, 0x68, 0xCE, 0x38, 0x80, 0,    0,    0,    1,    0x65, 0x88, 0x84, 0x21, 0xA0,
};
static const uint8_t h265[] = {
    0, 0, 0, 1,    0x40, 0x01, 0x0C, 0x01, 0, 0, 0, 1,    0x42, 0x01, 0x01, 0x01, 0,
    0, 0, 1, 0x44, 0x01, 0xC1, 0x72, 0,    0, 0, 1, 0x26, 0x01, 0xAF, 0x08, 0x40,
};

static void test_clips(void **state)
{
    static uint8_t late[200 * 1024];
    char text[256];

    (void)state;
    clip_says("a.h264", h264, sizeof(h264), NULL);
    clip_says("a.h265", h265, sizeof(h265), NULL);
    clip_says("a.h264", h265, sizeof(h265), "an H.265 stream named like H.264: change the extension to .h265");
    clip_says("a.hevc", h264, sizeof(h264), "an H.264 stream named like H.265: change the extension to .h264");
    clip_says("a.h264", "", 0, "empty file");
    clip_says("a.h264", h264, 19, "no key frame with parameter sets, expected an H.264 elementary stream (Annex B)");
    /* The first key frame is after the part read first. */
    memset(late, 0xAA, sizeof(late));
    memcpy(late + sizeof(late) - sizeof(h264), h264, sizeof(h264));
    clip_says("a.h264", late, sizeof(late), NULL);

    snprintf(text, sizeof(text),
             "an FLV file, expected an H.264 elementary stream (Annex B): ffmpeg -i %s/a.flv -an -c:v copy %s/a.h264 (",
             dir, dir);
    clip_says("a.flv", "FLV\x01", 4, text);
    snprintf(
        text, sizeof(text),
        "an FLV file, expected an H.265 elementary stream (Annex B): ffmpeg -i %s/a.h265 -an -c:v copy %s/a-raw.h265 (",
        dir, dir);
    clip_says("a.h265", "FLV\x01", 4, text);
    snprintf(
        text, sizeof(text),
        ("a JPEG picture, expected an H.264 elementary stream (Annex B): ffmpeg -loop 1 -t 10 -i '%s/a b.jpg' -an -c:v "
         "libx264 "),
        dir);
    clip_says("a b.jpg", "\xFF\xD8\xFF\xE0", 4, text);
    snprintf(text, sizeof(text),
             "a WebM file, expected an H.264 elementary stream (Annex B): ffmpeg -i %s/none -an -c:v libx264 -pix_fmt "
             "yuv420p %s/none.h264",
             dir, dir);
    clip_says("none", "\x1A\x45\xDF\xA3\x42\x82\x84webm", 11, text);
    clip_says("a.wav", "RIFF\x24\x00\x00\x00WAVE", 12, "a WAV file, expected an H.264 elementary stream (Annex B)");
    assert_null(strstr(why, "ffmpeg"));

    assert_int_equal(clip_check(path_of("nothing.h264"), why), -ENOENT);
    snprintf(text, sizeof(text), "%s/nothing.h264: No such file or directory", dir);
    assert_string_equal(why, text);
    assert_int_equal(clip_check(dir, why), -EISDIR);
    assert_int_equal(clip_check("/dev/null", why), -ENODEV);
    assert_string_equal(why, "/dev/null: not a regular file");
    assert_int_equal(symlink("nowhere", path_of("link.h264")), 0);
    assert_int_equal(clip_check(path_of("link.h264"), why), -ENOENT);
    unlink(path_of("link.h264"));
    clip_says("it's $(a).flv", "FLV\x01", 4,
              "an FLV file, expected an H.264 elementary stream (Annex B): ffmpeg -i '/tmp/");
    snprintf(text, sizeof(text), " '%s/it'\\''s $(a).h264' (", dir); /* quoted for the shell */
    assert_non_null(strstr(why, text));
}

/* Devices and pipes are not opened: that could start hardware, or wake a writer. */
static void test_devices_and_pipes_are_not_opened(void **state)
{
    struct list loaded;
    struct clip *c;
    struct sound *s;
    char seen[512];
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    (void)state;
    list_init(&loaded);
    assert_true(fd >= 0);
    assert_int_equal(mkfifo(path_of("pipe.h264"), 0600), 0);
    assert_int_equal(mkfifo(path_of("pipe.aac"), 0600), 0);
    assert_true(inotify_add_watch(fd, dir, IN_OPEN) >= 0);
    assert_int_equal(clip_check(path_of("pipe.h264"), why), -ENODEV);
    assert_int_equal(clip_get(&loaded, path_of("pipe.h264"), &c), -ENODEV);
    assert_int_equal(sound_check(path_of("pipe.aac"), why), -ENODEV);
    assert_int_equal(sound_get(&loaded, path_of("pipe.aac"), &s), -ENODEV);
    assert_int_equal(read(fd, seen, sizeof(seen)), -1);
    assert_int_equal(errno, EAGAIN);
    close(fd);
    unlink(path_of("pipe.h264"));
    unlink(path_of("pipe.aac"));
}

static void test_too_large(void **state)
{
    int fd = open(path_of("a.h264"), O_CREAT | O_WRONLY, 0600);

    (void)state;
    assert_int_equal(ftruncate(fd, (off_t)CLIP_BYTES_MAX + 1), 0);
    close(fd);
    assert_int_equal(clip_check(path_of("a.h264"), why), -EFBIG);
    assert_non_null(strstr(why, "512 MB, more than 512"));
    unlink(path_of("a.h264"));
}

static void test_sounds(void **state)
{
    static const uint8_t aac[] = { 0xFF, 0xF1, 0x50, 0x80, 0x01, 0x1F, 0xFC, 0x00 };
    static const uint8_t zeros[160];
    char text[256];

    (void)state;
    assert_int_equal(sound_check("tone", why), 0);
    sound_says("a.pcma", zeros, sizeof(zeros), NULL);
    sound_says("a.pcmu", "\xFF\xD8\xFF\xFF", 4, NULL); /* samples that look like a JPEG */
    sound_says("a.g7221", zeros, sizeof(zeros), NULL);
    sound_says("a.g7221", zeros, 81, "81 bytes, expected G.722.1 in frames of 80 bytes");
    sound_says("a.aac", aac, sizeof(aac), NULL);
    sound_says("a.aac", "ID3\x04\x00\x00\x00\x00\x00\x00\xFF\xF1\x50\x80\x01\x1F\xFC", 17, NULL);
    sound_says("a.aac", zeros, sizeof(zeros), "no ADTS frame, expected AAC with ADTS headers");
    snprintf(text, sizeof(text),
             "an MP3 file, expected AAC with ADTS headers: ffmpeg -i %s/a.aac -vn -c:a aac -f adts %s/a-raw.aac", dir,
             dir);
    sound_says("a.aac", "\xFF\xFB\x90\x64\x00\x00\x00\x00", 8, text);
    snprintf(text, sizeof(text),
             "a WAV file, expected 8 kHz G.711 A-law without header: ffmpeg -i %s/a.alaw -vn -ar 8000 -ac 1 -f alaw "
             "%s/a.pcma",
             dir, dir);
    sound_says("a.alaw", "RIFF\x24\x00\x00\x00WAVE", 12, text);
    snprintf(text, sizeof(text), "an Ogg file, expected 8 kHz G.711 A-law without header: ffmpeg -i %s/a.ogg -vn", dir);
    sound_says("a.ogg", "OggS", 4, text);
    assert_non_null(strstr(why, ", or a file name ending in .pcmu, .aac or .g7221"));
    sound_says("a.dat", zeros, 8, "unknown file name extension, expected 8 kHz G.711 A-law");
    assert_int_equal(sound_check(path_of("none.aac"), why), -ENOENT);
}

/* The board operation: all paths of a playlist, both parts, no message for playable files. */
static void test_check_names_the_unplayable_file(void **state)
{
    char source[400], text[BOARD_WHY_SIZE] = "untouched";
    struct board_channel ch = { .id = "34020000001310000001", .source = source, .audio = "tone" };

    (void)state;
    write_file("a.h264", h264, sizeof(h264));
    snprintf(source, sizeof(source), "%s/a.h264,%s/b.h264", dir, dir);
    assert_int_equal(board_sim.check(NULL, &ch, BOARD_VIDEO, text, sizeof(text)), -ENOENT);
    assert_non_null(strstr(text, "/b.h264: No such file"));
    snprintf(text, sizeof(text), "untouched");
    snprintf(source, sizeof(source), "%s/a.h264", dir);
    assert_int_equal(board_sim.check(NULL, &ch, BOARD_VIDEO, text, sizeof(text)), 0);
    assert_int_equal(board_sim.check(NULL, &ch, BOARD_AUDIO, text, sizeof(text)), 0);
    assert_string_equal(text, "untouched");
    unlink(path_of("a.h264"));
}

/* A container is not played either without a previous check. */
static void test_containers_are_not_played(void **state)
{
    struct list loaded;
    struct clip *c;
    struct sound *s;
    uint8_t ps[64] = { 0, 0, 1, 0xBA };

    (void)state;
    list_init(&loaded);
    memcpy(ps + 16, h264, sizeof(h264));
    write_file("a.h264", ps, sizeof(ps));
    assert_int_equal(clip_get(&loaded, path_of("a.h264"), &c), -EINVAL);
    unlink(path_of("a.h264"));
    write_file("a.pcma", "RIFF\x24\x00\x00\x00WAVEfmt ", 16);
    assert_int_equal(sound_get(&loaded, path_of("a.pcma"), &s), -EINVAL);
    unlink(path_of("a.pcma"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_transport),
        cmocka_unit_test_setup_teardown(test_clips, setup, teardown),
        cmocka_unit_test_setup_teardown(test_devices_and_pipes_are_not_opened, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_large, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sounds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_check_names_the_unplayable_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_containers_are_not_played, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
