/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unit.h"

#include "host/file.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char name[128];

static const char *in_folder(const char *leaf)
{
    (void)snprintf(name, sizeof(name), "%s/%s", folder, leaf);
    return name;
}

static int set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof(folder), "/tmp/otary-file.XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static size_t files(void)
{
    glob_t found = {0};
    size_t count = glob(in_folder("*"), 0, NULL, &found) == 0 ? found.gl_pathc : 0;
    globfree(&found);
    return count;
}

static int tear_down(void **state)
{
    glob_t found = {0};
    (void)state;
    if (glob(in_folder("*"), 0, NULL, &found) == 0) {
        for (size_t i = 0; i < found.gl_pathc; i++) {
            (void)remove(found.gl_pathv[i]);
        }
    }
    globfree(&found);
    return rmdir(folder);
}

static void expect_content(const char *leaf, const char *text)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    assert_int_equal(file_read(in_folder(leaf), 100, &bytes, &len), FILE_OK);
    assert_int_equal(len, strlen(text));
    assert_string_equal((char *)bytes, text); /* a NUL follows */
    free(bytes);
}

static void what_is_written_is_read_back(void **state)
{
    (void)state;
    assert_int_equal(file_write(in_folder("a"), "hello", 5, false), FILE_OK);
    expect_content("a", "hello");
    assert_int_equal(file_write(in_folder("empty"), "", 0, false), FILE_OK);
    expect_content("empty", "");
    assert_int_equal(files(), 2); /* no temporary file stays */
}

static void what_exists_is_replaced_only_on_demand(void **state)
{
    (void)state;
    assert_int_equal(file_write(in_folder("a"), "one", 3, false), FILE_OK);
    assert_int_equal(file_write(in_folder("a"), "two", 3, false), FILE_ERR_EXISTS);
    expect_content("a", "one");
    assert_int_equal(file_write(in_folder("a"), "two", 3, true), FILE_OK);
    expect_content("a", "two");
    assert_int_equal(files(), 1);
}

static void a_reader_sees_the_old_file_until_the_new_one_is_whole(void **state)
{
    char buffer[8] = {0};
    (void)state;
    assert_int_equal(file_write(in_folder("a"), "old", 3, false), FILE_OK);
    FILE *reader = fopen(in_folder("a"), "rb");
    assert_non_null(reader);
    assert_int_equal(file_write(in_folder("a"), "newer", 5, true), FILE_OK);
    assert_int_equal(fread(buffer, 1, sizeof(buffer), reader), 3);
    assert_string_equal(buffer, "old");
    (void)fclose(reader);
}

static void a_file_at_the_limit_is_read_and_one_above_it_is_not(void **state)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    (void)state;
    assert_int_equal(file_write(in_folder("a"), "12345678", 8, false), FILE_OK);
    assert_int_equal(file_read(in_folder("a"), 8, &bytes, &len), FILE_OK);
    assert_int_equal(len, 8);
    free(bytes);
    assert_int_equal(file_read(in_folder("a"), 7, &bytes, &len), FILE_ERR_TOO_BIG);
    assert_null(bytes);
    assert_int_equal(file_read("/dev/zero", 100000, &bytes, &len), FILE_ERR_TOO_BIG);
    assert_null(bytes);
}

static void folders_and_absent_files_are_told_apart(void **state)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    (void)state;
    assert_int_equal(file_read(folder, 100, &bytes, &len), FILE_ERR_DIRECTORY);
    assert_int_equal(file_read(in_folder("absent"), 100, &bytes, &len), FILE_ERR_OPEN);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(file_write(folder, "x", 1, true), FILE_ERR_DIRECTORY);
    assert_int_equal(file_write(in_folder("no/where"), "x", 1, true), FILE_ERR_OPEN);
    assert_string_equal(file_result_text(FILE_ERR_OPEN), strerror(ENOENT));
}

static void a_pipe_is_read_to_its_end(void **state)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    int ends[2];
    int kept = dup(STDIN_FILENO);
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "streamed", 8), 8);
    (void)close(ends[1]);
    assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
    assert_int_equal(file_read("-", 100, &bytes, &len), FILE_OK);
    assert_int_equal(len, 8);
    assert_string_equal((char *)bytes, "streamed");
    free(bytes);
    (void)dup2(kept, STDIN_FILENO);
    (void)close(kept);
    (void)close(ends[0]);
}

static void new_files_have_the_usual_mode(void **state)
{
    struct stat st;
    (void)state;
    mode_t old = umask(022);
    assert_int_equal(file_write(in_folder("a"), "x", 1, false), FILE_OK);
    (void)umask(old);
    assert_int_equal(stat(in_folder("a"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0644);
}

static void a_device_is_written_through(void **state)
{
    (void)state;
    assert_int_equal(file_write("/dev/null", "x", 1, false), FILE_OK);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read_back),
        TEST(what_exists_is_replaced_only_on_demand),
        TEST(a_reader_sees_the_old_file_until_the_new_one_is_whole),
        TEST(a_file_at_the_limit_is_read_and_one_above_it_is_not),
        TEST(folders_and_absent_files_are_told_apart),
        TEST(a_pipe_is_read_to_its_end),
        TEST(new_files_have_the_usual_mode),
        TEST(a_device_is_written_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
