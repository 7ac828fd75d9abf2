/* Uses the whole of the C interface from C99, good calls and bad ones: smoke FOLDER DATABASE FILE. */
#define _DEFAULT_SOURCE

#include <modelshelf.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int failures;

#define CHECK(condition)                                                       \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
            failures++;                                                        \
        }                                                                      \
    } while (0)

/* A call that must succeed; prints why when it does not. */
#define GOOD(call)                                                             \
    do {                                                                       \
        ms_error *error = NULL;                                                \
        if ((call) != MS_OK) {                                                 \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, ms_error_json(error)); \
            ms_error_free(error);                                              \
            failures++;                                                        \
        }                                                                      \
    } while (0)

struct seen {
    int calls;
    int stop;
};

static int32_t on_progress(const ms_progress *progress, void *payload)
{
    struct seen *seen = payload;
    CHECK(progress->size >= sizeof(ms_progress));
    CHECK(progress->phase != NULL);
    seen->calls++;
    return seen->stop;
}

static int contains(const ms_string *text, const char *part)
{
    const char *data = ms_string_data(text);
    return data != NULL && strlen(data) == ms_string_size(text) && strstr(data, part) != NULL;
}

static void test_library(void)
{
    CHECK(ms_abi_version() == MS_ABI_VERSION);
    CHECK(ms_version()[0] >= '0' && ms_version()[0] <= '9');
    CHECK(strcmp(ms_status_name(MS_OK), "ok") == 0);
    CHECK(strcmp(ms_status_name(MS_INVALID), "usage") == 0);
    CHECK(strcmp(ms_status_name(MS_CANCELLED), "cancelled") == 0);
    CHECK(strcmp(ms_status_name(12345), "internal") == 0);
}

static void test_nothing(void)
{
    ms_string *text = NULL;
    ms_error *error = NULL;
    ms_hasher *hasher = NULL;
    char buffer[MS_HASH_SIZE];
    ms_close(NULL);
    ms_error_free(NULL);
    ms_string_free(NULL);
    ms_cancel_free(NULL);
    CHECK(ms_error_status(NULL) == MS_OK);
    CHECK(ms_error_code(NULL)[0] == 0 && ms_error_message(NULL)[0] == 0);
    CHECK(ms_error_path(NULL) == NULL && ms_error_hint(NULL) == NULL);
    CHECK(ms_string_data(NULL) == NULL && ms_string_size(NULL) == 0);
    CHECK(ms_open(NULL, NULL, NULL, NULL) == MS_INVALID);
    CHECK(ms_get(NULL, "x", &text, &error) == MS_INVALID);
    CHECK(ms_error_status(error) == MS_INVALID && strcmp(ms_error_code(error), "usage") == 0);
    CHECK(ms_error_message(error)[0] != 0 && strstr(ms_error_json(error), "\"usage\"") != NULL);
    ms_error_free(error);
    CHECK(ms_hash_file(NULL, "sha256", NULL, NULL, NULL, buffer, sizeof buffer, NULL) == MS_INVALID);
    CHECK(ms_hash(NULL, 2, NULL, NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_hash(NULL, 0, "{\"job\":1}", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_hash_bytes(NULL, 2, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_hasher_new("sha257", &hasher, NULL) == MS_INVALID && hasher == NULL);
    CHECK(ms_hasher_new("git_sha1", &hasher, NULL) == MS_INVALID && hasher == NULL);
    CHECK(ms_hasher_new("sha256", NULL, NULL) == MS_INVALID);
    CHECK(ms_hasher_update(NULL, "a", 1, NULL) == MS_INVALID);
    CHECK(ms_hasher_digest((ms_hasher *)(void *)text, NULL, buffer, sizeof buffer, NULL) == MS_INVALID);
    ms_hasher_free(NULL);
    CHECK(ms_hash_files(NULL, 2, NULL, 0, NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_inspect(NULL, 1, &text, NULL) == MS_INVALID);
    CHECK(ms_cancel(NULL, NULL) == MS_INVALID);
    CHECK(ms_civitai_model(0, NULL, NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(text == NULL);
}

static void test_foreign_handles(ms_shelf *shelf)
{
    ms_string *text = NULL;
    char bytes[64] = "not a handle";
    CHECK(ms_get((ms_shelf *)bytes, "x", &text, NULL) == MS_INVALID);
    CHECK(ms_get((ms_shelf *)(uintptr_t)8, "x", &text, NULL) == MS_INVALID);
    CHECK(ms_cancel((ms_cancel_token *)shelf, NULL) == MS_INVALID);
    CHECK(ms_scan(shelf, NULL, NULL, NULL, (ms_cancel_token *)shelf, &text, NULL) == MS_INVALID);
    ms_string_free((ms_string *)shelf);
    ms_error_free((ms_error *)shelf);
    CHECK(ms_string_data((ms_string *)shelf) == NULL);
    CHECK(text == NULL);
}

static void test_bad_text(ms_shelf *shelf, const char *folder)
{
    ms_string *text = NULL;
    CHECK(ms_search(shelf, "\xff\xfe", NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_scan(shelf, "{\"folders\":", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_scan(shelf, "[]", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_scan(shelf, "{\"folderz\":[]}", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_scan(shelf, "{\"hash\":\"yes\"}", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_scan(shelf, "{\"folders\":[{\"path_bytes\":\"*\"}]}", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_list(shelf, "{\"limit\":-1}", &text, NULL) == MS_INVALID);
    CHECK(ms_list(shelf, "{\"limit\":99999999999999999999}", &text, NULL) == MS_INVALID);
    CHECK(ms_list(shelf, "{\"sort\":\"colour\"}", &text, NULL) == MS_INVALID);
    CHECK(ms_list(shelf, "{\"type\":\"\xff\"}", &text, NULL) == MS_INVALID);
    CHECK(ms_update(shelf, folder, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_update(shelf, folder, "{\"tags\":[1]}", &text, NULL) == MS_INVALID);
    CHECK(ms_lookup(shelf, "{}", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_lookup(shelf, "[1]", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_download(shelf, NULL, NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_download(shelf, "{\"what\":\"no such thing\"}", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_downloads_add(shelf, "{}", &text, NULL) == MS_INVALID);
    CHECK(ms_downloads_add(shelf, "[{\"what\":\"version:5\",\"to\":\"/nowhere\"}]", &text, NULL) == MS_OK);
    CHECK(strstr(ms_string_data(text), "\"waiting\"") != NULL);
    ms_string_free(text);
    CHECK(ms_downloads_pause(shelf, 0, NULL) == MS_OK && ms_downloads_pause(shelf, 9, NULL) == MS_NOT_FOUND);
    CHECK(ms_downloads_list(shelf, &text, NULL) == MS_OK && strstr(ms_string_data(text), "\"paused\"") != NULL);
    ms_string_free(text);
    CHECK(ms_downloads_run(shelf, NULL, NULL, NULL, &text, NULL) == MS_OK);
    ms_string_free(text);
    CHECK(ms_downloads_resume(shelf, 1, NULL) == MS_OK && ms_downloads_remove(shelf, 1, NULL) == MS_OK);
    CHECK(ms_downloads_remove(shelf, 0, NULL) == MS_NOT_FOUND);
    CHECK(ms_downloads_run(NULL, NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_civitai_download("{\"what\":1}", NULL, NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_civitai_picture("{\"url\":\"https://a.example/a.png\"}", NULL, NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_civitai_picture("{\"url\":\"a\",\"to\":\"a.png\"}", NULL, NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_preview(shelf, "{\"max_level\":\"adult\"}", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_preview(NULL, NULL, NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_civitai_reference(NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_civitai_reference("civitai: 1 @ 2", &text, NULL) == MS_OK);
    CHECK(strstr(ms_string_data(text), "\"version_id\":2") != NULL);
    ms_string_free(text);
    CHECK(ms_civitai_me("[]", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    ms_catalogue *catalogue = NULL;
    CHECK(ms_catalogue_open("models", "{\"page\":2}", NULL, &catalogue, NULL) == MS_INVALID);
    CHECK(ms_catalogue_open("spoons", NULL, NULL, &catalogue, NULL) == MS_INVALID);
    CHECK(ms_catalogue_open("tags", "{\"limit\":0}", NULL, &catalogue, NULL) == MS_OK);
    CHECK(ms_catalogue_next(catalogue, NULL, NULL, NULL, &text, NULL) == MS_OK);
    CHECK(strcmp(ms_string_data(text), "[]") == 0);
    ms_string_free(text);
    ms_catalogue_free(catalogue);
    CHECK(ms_catalogue_next(catalogue, NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    ms_catalogue_free(NULL);
    CHECK(ms_image_url("no address", 450, 0, &text, NULL) == MS_INVALID);
    CHECK(ms_image_url("https://elsewhere.example/a.png", 450, 0, &text, NULL) == MS_OK);
    CHECK(strcmp(ms_string_data(text), "https://elsewhere.example/a.png") == 0);
    ms_string_free(text);
    text = NULL;
    CHECK(text == NULL);
}

static void test_scan(ms_shelf *shelf, const char *folder, const char *file)
{
    char request[4096];
    char hash[MS_HASH_SIZE], stored[MS_HASH_SIZE];
    struct seen seen = {0, 0};
    ms_string *text = NULL;
    int64_t count = -1;
    int32_t state = -1;
    snprintf(request, sizeof request, "{\"folders\":[{\"path\":\"%s\",\"type\":\"LORA\"}],\"lookup\":false}", folder);
    GOOD(ms_scan(shelf, request, on_progress, &seen, NULL, &text, &error));
    CHECK(seen.calls > 0);
    CHECK(contains(text, "\"files\":1") && contains(text, "\"hashed\":1"));
    ms_string_free(text);

    GOOD(ms_get(shelf, file, &text, &error));
    CHECK(contains(text, "\"type\":\"LORA\"") && contains(text, "\"sha256\":\""));
    ms_string_free(text);
    CHECK(ms_string_data(text) == NULL);
    ms_string_free(text);

    GOOD(ms_hash_file(file, "sha256", NULL, NULL, NULL, hash, sizeof hash, &error));
    CHECK(strlen(hash) == 64);
    GOOD(ms_stored_hash(shelf, file, "sha256", stored, sizeof stored, &error));
    CHECK(strcmp(hash, stored) == 0);
    CHECK(ms_stored_hash(shelf, file, "sha256", stored, 64, NULL) == MS_INVALID);
    CHECK(ms_hash_file(file, "sha257", NULL, NULL, NULL, hash, sizeof hash, NULL) == MS_INVALID);
    CHECK(ms_hash_file(file, "all", NULL, NULL, NULL, hash, sizeof hash, NULL) == MS_INVALID);
    GOOD(ms_hash_file(file, "SHA256", NULL, NULL, NULL, hash, sizeof hash, &error));
    CHECK(strcmp(hash, stored) == 0);

    GOOD(ms_count(shelf, NULL, &count, &error));
    CHECK(count == 1);
    GOOD(ms_stored_status(shelf, file, &state, &error));
    CHECK(state == MS_CIVITAI_UNKNOWN || state == MS_CIVITAI_PENDING);
    GOOD(ms_list(shelf, "{\"type\":\"lora\",\"limit\":10}", &text, &error));
    CHECK(contains(text, "\"total\":1"));
    ms_string_free(text);
    GOOD(ms_update(shelf, file, "{\"notes\":\"quixotic\",\"tags\":[\"a\",\"b\"],\"remove_tags\":[\"b\"]}", &text, &error));
    CHECK(contains(text, "\"notes\":\"quixotic\"") && contains(text, "\"tags\":[\"a\"]"));
    ms_string_free(text);
    GOOD(ms_search(shelf, "quixot", NULL, &text, &error));
    CHECK(contains(text, "\"total\":1"));
    ms_string_free(text);
    GOOD(ms_roots_add(shelf, folder, "LORA", &error));
    GOOD(ms_roots(shelf, &text, &error));
    CHECK(contains(text, folder));
    ms_string_free(text);
    GOOD(ms_roots_set(shelf, folder, "{\"lookup\":false,\"exclude\":[\"*.bak\"],\"jobs\":2}", &error));
    GOOD(ms_roots(shelf, &text, &error));
    CHECK(contains(text, "\"lookup\":false") && contains(text, "\"type\":\"LORA\"") && contains(text, "*.bak"));
    ms_string_free(text);
    CHECK(ms_roots_set(shelf, folder, "{\"nonsense\":1}", NULL) == MS_INVALID);
    CHECK(ms_roots_set(NULL, folder, NULL, NULL) == MS_INVALID);
    CHECK(ms_roots_import(shelf, folder, 1, &text, NULL) != MS_OK);
    GOOD(ms_roots_remove(shelf, folder, &error));
    GOOD(ms_doctor(shelf, &text, &error));
    CHECK(contains(text, "\"checks\""));
    ms_string_free(text);
    GOOD(ms_database(shelf, &text, &error));
    CHECK(contains(text, ".db"));
    ms_string_free(text);
}

static void test_hasher(void)
{
    ms_hasher *hasher = NULL, *copy = NULL;
    ms_string *text = NULL;
    char hash[MS_HASH_SIZE];
    GOOD(ms_hasher_new("sha256,crc32,tensor_sha256", &hasher, &error));
    GOOD(ms_hasher_update(hasher, "hello ", 6, &error));
    GOOD(ms_hasher_update(hasher, NULL, 0, &error));
    GOOD(ms_hasher_copy(hasher, &copy, &error));
    GOOD(ms_hasher_update(hasher, "world", 5, &error));
    GOOD(ms_hasher_digest(hasher, NULL, hash, sizeof hash, &error));
    CHECK(strcmp(hash, "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9") == 0);
    GOOD(ms_hasher_digest(hasher, "crc32", hash, sizeof hash, &error));
    CHECK(strcmp(hash, "0d4a1185") == 0);
    GOOD(ms_hasher_digest(hasher, "tensor_sha256", hash, sizeof hash, &error));
    CHECK(hash[0] == 0);
    CHECK(ms_hasher_digest(hasher, "blake3", hash, sizeof hash, NULL) == MS_INVALID);
    CHECK(ms_hasher_digest(hasher, "sha256", hash, 64, NULL) == MS_INVALID);
    GOOD(ms_hasher_digests(hasher, &text, &error));
    CHECK(contains(text, "\"crc32\":\"0d4a1185\"") && contains(text, "\"tensor_sha256\":null"));
    ms_string_free(text);
    ms_hasher_free(hasher);
    CHECK(ms_hasher_update(hasher, "x", 1, NULL) == MS_INVALID);
    GOOD(ms_hasher_update(copy, "there", 5, &error));
    GOOD(ms_hasher_digest(copy, "crc32", hash, sizeof hash, &error));
    CHECK(strcmp(hash, "0d4a1185") != 0);
    ms_hasher_free(copy);
    GOOD(ms_hash_bytes("hello world", 11, "sha256,git_sha1", &text, &error));
    CHECK(contains(text, "\"git_sha1\":\"95d09f2b10159347eece71399a7e2e907ea3df4f\""));
    ms_string_free(text);
    GOOD(ms_hash_bytes(NULL, 0, "crc32", &text, &error));
    CHECK(contains(text, "\"crc32\":\"00000000\""));
    ms_string_free(text);
}

static void test_files(const char *file)
{
    const char *paths[] = {file, "/nonexistent/x.safetensors"};
    char hash[MS_HASH_SIZE];
    ms_string *text = NULL;
    ms_error *failure = NULL;
    GOOD(ms_hash_files(paths, 2, "sha256,crc32", 0, NULL, NULL, NULL, &text, &error));
    CHECK(contains(text, "\"sha256\":\"") && contains(text, "\"crc32\":\"") && contains(text, "\"not_found\""));
    ms_string_free(text);
    GOOD(ms_hash(paths, 2, "{\"algorithms\":[\"crc32\"],\"jobs\":1,\"background\":true}", NULL, NULL, NULL, &text,
                 &error));
    CHECK(contains(text, "\"crc32\":\"") && contains(text, "\"not_found\""));
    ms_string_free(text);
    GOOD(ms_inspect(paths, 2, &text, &error));
    CHECK(contains(text, "\"format\":\"safetensors\"") && contains(text, "\"not_found\""));
    ms_string_free(text);
    GOOD(ms_hash_files(NULL, 0, NULL, 0, NULL, NULL, NULL, &text, &error));
    ms_string_free(text);

    CHECK(ms_hash_file(paths[1], "sha256", NULL, NULL, NULL, hash, sizeof hash, &failure) == MS_NOT_FOUND);
    CHECK(ms_error_path(failure) != NULL && strcmp(ms_error_path(failure), paths[1]) == 0);
    CHECK(strcmp(ms_error_code(failure), "not_found") == 0);
    ms_error_free(failure);
    CHECK(ms_error_status(failure) == MS_OK);
}

static void test_cancel(ms_shelf *shelf, const char *folder)
{
    char request[4096];
    ms_cancel_token *token = NULL;
    ms_string *text = NULL;
    struct seen seen = {0, 1};
    int32_t cancelled = -1;
    snprintf(request, sizeof request, "{\"folders\":[\"%s\"],\"force\":true,\"lookup\":false}", folder);
    GOOD(ms_cancel_new(&token, &error));
    GOOD(ms_cancel_state(token, &cancelled, &error));
    CHECK(cancelled == 0);
    GOOD(ms_cancel(token, &error));
    GOOD(ms_cancel_state(token, &cancelled, &error));
    CHECK(cancelled == 1);
    CHECK(ms_scan(shelf, request, NULL, NULL, token, &text, NULL) == MS_CANCELLED);
    CHECK(ms_scan(shelf, request, on_progress, &seen, NULL, &text, NULL) == MS_CANCELLED);
    CHECK(seen.calls == 1);
    CHECK(text == NULL);
    ms_cancel_free(token);
    CHECK(ms_cancel(token, NULL) == MS_INVALID);
}

static void test_fork(ms_shelf *shelf, const char *database)
{
    int status = -1;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        ms_string *text = NULL;
        ms_shelf *own = NULL;
        if (ms_list(shelf, NULL, &text, NULL) != MS_INVALID) _exit(10);
        if (ms_open(database, NULL, &own, NULL) != MS_OK) _exit(11);
        if (ms_list(own, NULL, &text, NULL) != MS_OK) _exit(12);
        if (ms_list(shelf, NULL, &text, NULL) != MS_INVALID) _exit(13);
        ms_string_free(text);
        ms_close(own);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fprintf(stderr, "child: status %d\n", status);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void *open_and_close(void *database)
{
    intptr_t wrong = 0;
    for (int turn = 0; turn < 200; turn++) {
        ms_shelf *shelf = NULL;
        int64_t count = 0;
        wrong += ms_open(database, NULL, &shelf, NULL) != MS_OK;
        wrong += ms_count(shelf, NULL, &count, NULL) != MS_OK || count != 1;
        ms_close(shelf);
        wrong += ms_count(shelf, NULL, &count, NULL) != MS_INVALID;
    }
    return (void *)wrong;
}

static void test_threads(char *database)
{
    pthread_t threads[4];
    for (int index = 0; index < 4; index++) CHECK(pthread_create(&threads[index], NULL, open_and_close, database) == 0);
    for (int index = 0; index < 4; index++) {
        void *wrong = NULL;
        CHECK(pthread_join(threads[index], &wrong) == 0);
        CHECK(wrong == NULL);
    }
}

static void copy_file(const char *from, const char *to)
{
    char buffer[4096];
    FILE *source = fopen(from, "rb"), *target = fopen(to, "wb");
    size_t size;
    CHECK(source != NULL && target != NULL);
    if (source == NULL || target == NULL) return;
    while ((size = fread(buffer, 1, sizeof buffer, source)) > 0) CHECK(fwrite(buffer, 1, size, target) == size);
    fclose(source);
    CHECK(fclose(target) == 0);
}

/* Waits for an event that has `part` in its JSON. */
static int comes(ms_watch *watch, const char *part)
{
    for (int turn = 0; turn < 50; turn++) {
        ms_string *events = NULL;
        GOOD(ms_events_next(watch, 200, &events, &error));
        int found = contains(events, part);
        ms_string_free(events);
        if (found) return 1;
    }
    return 0;
}

static void *stop_soon(void *watch)
{
    usleep(100000);
    GOOD(ms_watch_stop(watch, &error));
    return NULL;
}

static void test_watch(ms_shelf *shelf, const char *folder, const char *file)
{
    ms_watch *watch = NULL;
    ms_string *events = NULL;
    pthread_t thread;
    char request[4400], path[4200];
    int status = 0;
    snprintf(path, sizeof path, "%s/watched", folder);
    CHECK(mkdir(path, 0700) == 0);
    snprintf(request, sizeof request, "{\"folders\":[\"%s\"],\"lookup\":false}", path);
    CHECK(ms_watch_start(shelf, "{\"folder\":[]}", &watch, NULL) == MS_INVALID && watch == NULL);
    CHECK(ms_watch_start(NULL, request, &watch, NULL) == MS_INVALID && watch == NULL);
    CHECK(ms_watch_start(shelf, request, NULL, NULL) == MS_INVALID);
    CHECK(ms_watch_start(shelf, "{\"poll_ms\":1}", &watch, NULL) == MS_INVALID && watch == NULL);
    snprintf(request, sizeof request, "{\"folders\":[\"%s\"],\"max_level\":\"mild\"}", path);
    CHECK(ms_watch_start(shelf, request, &watch, NULL) == MS_INVALID && watch == NULL);
    snprintf(request, sizeof request, "{\"folders\":[\"%s\"],\"lookup\":false,\"previews\":true}", path);
    CHECK(ms_events_next((ms_watch *)(void *)shelf, 0, &events, NULL) == MS_INVALID);
    CHECK(ms_watch_stop(NULL, NULL) == MS_INVALID);
    GOOD(ms_watch_start(shelf, request, &watch, &error));
    GOOD(ms_events_next(watch, 0, &events, &error));
    CHECK(contains(events, "[]"));
    ms_string_free(events);
    snprintf(path, sizeof path, "%s/watched/new.safetensors", folder);
    copy_file(file, path);
    CHECK(comes(watch, "\"event\":\"added\""));
    CHECK(remove(path) == 0);
    CHECK(comes(watch, "\"event\":\"removed\""));
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (ms_events_next(watch, 0, &events, NULL) != MS_INVALID) _exit(10);
        if (ms_watch_stop(watch, NULL) != MS_INVALID) _exit(11);
        ms_watch_free(watch);
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    /* Who waits is woken. */
    CHECK(pthread_create(&thread, NULL, stop_soon, watch) == 0);
    GOOD(ms_events_next(watch, -1, &events, &error));
    CHECK(events == NULL);
    CHECK(pthread_join(thread, NULL) == 0);
    GOOD(ms_watch_stop(watch, &error));
    ms_watch_free(watch);
    CHECK(ms_events_next(watch, 0, &events, NULL) == MS_INVALID);
    ms_watch_free(watch);
    ms_watch_free(NULL);
    snprintf(path, sizeof path, "%s/watched", folder);
    CHECK(rmdir(path) == 0);
}

static void test_sidecar(ms_shelf *shelf, const char *folder, const char *file)
{
    char gathering[4096];
    ms_string *text = NULL;
    int32_t deleted = -1;
    snprintf(gathering, sizeof gathering, "%s/../gathered", folder);
    GOOD(ms_sidecar_path(shelf, file, NULL, &text, &error));
    CHECK(contains(text, ".safetensors.metadata.json"));
    ms_string_free(text);
    GOOD(ms_sidecar_path(shelf, file, gathering, &text, &error));
    CHECK(contains(text, "/gathered/") && contains(text, "/models/"));
    ms_string_free(text);
    text = NULL;
    GOOD(ms_sidecar_read(shelf, file, NULL, &text, &error));
    CHECK(text == NULL);
    GOOD(ms_sidecar_write(shelf, file, NULL, "{\"author\":\"me\",\"weight\":1.0}", 0, &text, &error));
    CHECK(contains(text, "\"weight\": 1.0") && contains(text, "\"modelshelf\": {"));
    ms_string_free(text);
    GOOD(ms_sidecar_write(shelf, file, NULL, "{\"author\":null}", 0, NULL, &error));
    GOOD(ms_sidecar_read(shelf, file, NULL, &text, &error));
    CHECK(contains(text, "\"author\": null") && contains(text, "\"weight\": 1.0"));
    ms_string_free(text);
    text = NULL;
    CHECK(ms_sidecar_write(shelf, file, NULL, "[]", 0, &text, NULL) == MS_INVALID);
    CHECK(ms_sidecar_write(shelf, file, NULL, NULL, 0, &text, NULL) == MS_INVALID);
    CHECK(ms_sidecar_write(shelf, NULL, NULL, "{}", 0, &text, NULL) == MS_INVALID);
    CHECK(ms_sidecar_write(NULL, file, NULL, "{}", 0, &text, NULL) == MS_INVALID);
    CHECK(ms_sidecar_read(shelf, "", NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_sidecar_read(shelf, file, NULL, NULL, NULL) == MS_INVALID);
    CHECK(ms_sidecar_path(shelf, file, NULL, NULL, NULL) == MS_INVALID);
    CHECK(text == NULL);
    GOOD(ms_sidecars(shelf, "{\"write\":false}", NULL, NULL, NULL, &text, &error));
    CHECK(contains(text, "\"files\":1") && contains(text, "\"written\":0"));
    ms_string_free(text);
    text = NULL;
    CHECK(ms_sidecars(shelf, "{\"formats\":[\"none\"]}", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    CHECK(ms_verify(shelf, "{\"wat\":[]}", NULL, NULL, NULL, &text, NULL) == MS_INVALID);
    GOOD(ms_verify(shelf, NULL, NULL, NULL, NULL, &text, &error));
    CHECK(contains(text, "\"ok\":1"));
    ms_string_free(text);
    GOOD(ms_sidecar_delete(shelf, file, NULL, &deleted, &error));
    CHECK(deleted == 1);
    GOOD(ms_sidecar_delete(shelf, file, NULL, &deleted, &error));
    CHECK(deleted == 0);
}

static void test_log(void)
{
    ms_string *text = NULL;
    int32_t level = -2;
    CHECK(ms_log_listen(77, NULL) == MS_INVALID);
    GOOD(ms_log_listen(MS_LOG_DEBUG, &error));
    GOOD(ms_log_next(0, &level, &text, &error));
    ms_string_free(text);
    GOOD(ms_log_listen(MS_LOG_OFF, &error));
}

int main(int count, char **arguments)
{
    ms_shelf *shelf = NULL, *again = NULL;
    ms_string *text = NULL;
    if (count != 4) return 2;
    test_library();
    test_nothing();
    CHECK(ms_open("/proc/nonexistent/x.db", NULL, &shelf, NULL) != MS_OK && shelf == NULL);
    CHECK(ms_open(arguments[2], "{\"offlin\":true}", &shelf, NULL) == MS_INVALID && shelf == NULL);
    GOOD(ms_open(arguments[2], "{\"offline\":true}", &shelf, &error));
    if (shelf == NULL) return 1;
    test_foreign_handles(shelf);
    test_bad_text(shelf, arguments[1]);
    test_scan(shelf, arguments[1], arguments[3]);
    test_hasher();
    test_files(arguments[3]);
    test_cancel(shelf, arguments[1]);
    test_fork(shelf, arguments[2]);
    test_sidecar(shelf, arguments[1], arguments[3]);
    test_log();
    test_threads(arguments[2]);
    test_watch(shelf, arguments[1], arguments[3]);

    GOOD(ms_open(arguments[2], NULL, &again, &error));
    CHECK(again != shelf);
    ms_close(shelf);
    CHECK(ms_list(shelf, NULL, &text, NULL) == MS_INVALID);
    ms_close(shelf);
    GOOD(ms_list(again, NULL, &text, &error));
    ms_string_free(text);
    ms_close(again);
    CHECK(ms_list(again, NULL, &text, NULL) == MS_INVALID);
    if (failures == 0) puts("ok");
    return failures == 0 ? 0 : 1;
}
