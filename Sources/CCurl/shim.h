// libcurl's option calls are variadic, which Swift cannot import: one typed wrapper for each kind of argument.
#ifndef MODELSHELF_CCURL_SHIM_H
#define MODELSHELF_CCURL_SHIM_H
#include <curl/curl.h>

typedef size_t (*shelf_curl_data_callback)(char *data, size_t size, size_t count, void *context);

static inline CURLcode shelf_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode shelf_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode shelf_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode shelf_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode shelf_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode shelf_curl_set_callback(CURL *handle, CURLoption option, shelf_curl_data_callback value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode shelf_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode shelf_curl_get_offset(CURL *handle, CURLINFO info, curl_off_t *value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode shelf_curl_get_text(CURL *handle, CURLINFO info, char **value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLcode shelf_curl_get_pointer(CURL *handle, CURLINFO info, void **value) {
    return curl_easy_getinfo(handle, info, value);
}
static inline CURLMcode shelf_curl_multi_set_long(CURLM *handle, CURLMoption option, long value) {
    return curl_multi_setopt(handle, option, value);
}
static inline CURLcode shelf_curl_message_result(const CURLMsg *message) { return message->data.result; }

#endif
