// The C interface from C++17: the header compiles, handles fit smart pointers, errors turn into exceptions.
#include <modelshelf.h>

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace {

struct Free {
    void operator()(ms_shelf *shelf) const { ms_close(shelf); }
    void operator()(ms_string *string) const { ms_string_free(string); }
    void operator()(ms_error *error) const { ms_error_free(error); }
};

std::string take(ms_string *string)
{
    std::unique_ptr<ms_string, Free> owner(string);
    return std::string(ms_string_data(string), ms_string_size(string));
}

template <typename Call> void check(Call call)
{
    ms_error *raw = nullptr;
    const ms_status status = call(&raw);
    std::unique_ptr<ms_error, Free> error(raw);
    if (status != MS_OK) throw std::runtime_error(ms_error_json(raw));
}

int run(const std::string &folder, const char *database, const char *file)
{
    ms_shelf *raw = nullptr;
    check([&](ms_error **error) { return ms_open(database, "{\"offline\":true}", &raw, error); });
    std::unique_ptr<ms_shelf, Free> shelf(raw);

    int calls = 0;
    const auto progress = [](const ms_progress *, void *payload) -> int32_t {
        ++*static_cast<int *>(payload);
        return 0;
    };
    ms_string *text = nullptr;
    const std::string request = "{\"folders\":[\"" + folder + "\"],\"lookup\":false}";
    check([&](ms_error **error) {
        return ms_scan(shelf.get(), request.c_str(), progress, &calls, nullptr, &text, error);
    });
    std::printf("%s\n", take(text).c_str());
    check([&](ms_error **error) { return ms_get(shelf.get(), file, &text, error); });
    std::printf("%s\n", take(text).c_str());

    try {
        check([&](ms_error **error) { return ms_get(shelf.get(), "no such model", &text, error); });
    } catch (const std::runtime_error &error) {
        return std::string(error.what()).find("not_found") == std::string::npos;
    }
    return 1;
}

} // namespace

int main(int count, char **arguments)
{
    if (count != 4) return 2;
    try {
        return run(arguments[1], arguments[2], arguments[3]);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
