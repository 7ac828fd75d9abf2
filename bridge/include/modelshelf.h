/**
 * @file modelshelf.h
 * The C interface of modelshelf, a library that knows Stable Diffusion model files.
 *
 * **Calls.** A function that can fail returns an ::ms_status and takes an ::ms_error pointer last, which may be NULL.
 * Outputs are written on success only, the error on failure only. Functions that destroy accept NULL.
 *
 * **Texts.** UTF-8 in and out, NUL-terminated. Paths are the bytes that the kernel knows, NUL-terminated, in any
 * encoding. Structured values travel as JSON in an ::ms_string. A path inside JSON is a text; one that is not UTF-8 is
 * written with U+FFFD and stands as base64 under the key `path_bytes` beside it, which counts when it is not null.
 *
 * **Handles.** Pointers given by this library are tickets, not addresses: never follow them. A closed, foreign or
 * misshapen handle, NULL where it is not allowed, and text that is not UTF-8 give ::MS_INVALID. A handle is kept alive
 * by every call that uses it, so another thread may close it meanwhile. In a child made by `fork` the handles of the
 * parent are invalid; open anew there.
 *
 * **Threads.** Every function may be called from any thread at any time. Callbacks run on the thread of the call that
 * they were given to, and only during it.
 */
#ifndef MODELSHELF_H
#define MODELSHELF_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Counts up when something is added; the soname changes when something breaks. */
#define MS_ABI_VERSION 1

/** Room for the longest hash text and its NUL. */
#define MS_HASH_SIZE 129

/** @name Results
 * What a call ended with. A number is never used for another meaning; a newer library may give numbers that are not
 * listed here. ms_status_name() gives the word that the command line and Python use. @{ */
typedef int32_t ms_status;

enum {
    MS_OK = 0,
    MS_INVALID = 1,            /**< `usage`: the call is wrong. */
    MS_NOT_FOUND = 2,          /**< There is nothing by that name, here or on the service. */
    MS_UNREADABLE = 3,         /**< The file or folder exists but cannot be read. */
    MS_CORRUPT_FILE = 4,       /**< The file is not whole, or not what its name says. */
    MS_UNSAFE_FILE = 5,        /**< Loading the file could run foreign code. */
    MS_UNSUPPORTED_FORMAT = 6, /**< The format is known, but not one that modelshelf reads. */
    MS_NETWORK = 7,            /**< The service could not be reached. */
    MS_TIMEOUT = 8,            /**< The service did not answer in time. */
    MS_RATE_LIMITED = 9,       /**< The service asks for fewer requests. */
    MS_UNAUTHORIZED = 10,      /**< The service wants a valid API key. */
    MS_FORBIDDEN = 11,         /**< The service refuses this account or address. */
    MS_EARLY_ACCESS = 12,      /**< The version is for buyers of early access for now. */
    MS_GONE = 13,              /**< The service had it and has it no more. */
    MS_REGION_BLOCKED = 14,    /**< The service does not serve this country. */
    MS_SERVER_ERROR = 15,      /**< The service failed. */
    MS_BAD_RESPONSE = 16,      /**< The service answered with something else than asked. */
    MS_HASH_MISMATCH = 17,     /**< The bytes are not those that were promised or recorded. */
    MS_NO_SPACE = 18,          /**< The disk is full. */
    MS_STORE_ERROR = 19,       /**< The database cannot be used. */
    MS_STORE_BUSY = 20,        /**< Another process holds the database. */
    MS_AMBIGUOUS = 21,         /**< The name fits several models. */
    MS_FILE_CHANGED = 22,      /**< The file changed while it was read. */
    MS_OFFLINE_ROOT = 23,      /**< The folder is registered but not there now. */
    MS_TOO_LARGE = 24,         /**< The input is over a limit that protects the process. */
    MS_CANCELLED = 25,         /**< The caller stopped it; what was finished is kept. */
    MS_INTERNAL = 26           /**< A defect in modelshelf. */
};
/** @} */

/** The library of models in one database. Ended by ms_close(). */
typedef struct ms_shelf ms_shelf;
/** A switch that stops long calls. Ended by ms_cancel_free(). */
typedef struct ms_cancel_token ms_cancel_token;
/** A walk through Civitai's catalogue. Ended by ms_catalogue_free(). */
typedef struct ms_catalogue ms_catalogue;
/** Why a call failed. Ended by ms_error_free(). */
typedef struct ms_error ms_error;
/** Folders that are being watched. Ended by ms_watch_free(). */
typedef struct ms_watch ms_watch;
/** Running hashes. Ended by ms_hasher_free(). */
typedef struct ms_hasher ms_hasher;
/** A text given by the library. Ended by ms_string_free(). */
typedef struct ms_string ms_string;

/** How far a long call is. The texts live until the callback returns. */
typedef struct ms_progress {
    /** Size of this structure in the library that fills it; members are only ever added at the end. */
    size_t size;
    /** `finding`, `reading`, `hashing`, `identifying`, `previews`, `sidecars` or `done`. */
    const char *phase;
    /** A file that is being read now, as bytes; may be NULL. */
    const char *path;
    /** Files finished in this phase, and in all as far as known. */
    int64_t files;
    int64_t files_total;
    /** Bytes done, and to be done in all. */
    int64_t bytes;
    int64_t bytes_total;
    /** Bytes a second; 0 while unknown. */
    double bytes_per_second;
    /** Seconds left; negative while unknown. */
    double seconds_left;
} ms_progress;

/**
 * Told about ten times a second how far a call is, on the thread of that call.
 * @return 0 to go on; anything else cancels, and the call ends with ::MS_CANCELLED.
 */
typedef int32_t (*ms_progress_fn)(const ms_progress *progress, void *payload);

/** @name The library itself @{ */

/** The ::MS_ABI_VERSION that the library was built with. */
int32_t ms_abi_version(void);

/** The version of modelshelf, as `1.2.3`. Lives as long as the library. */
const char *ms_version(void);

/** The word for a status, such as `not_found`; `ok` for ::MS_OK, `internal` for a number it does not know. */
const char *ms_status_name(ms_status status);
/** @} */

/** @name Errors and texts @{ */

/** The status that the failed call returned; ::MS_OK for NULL. */
ms_status ms_error_status(const ms_error *error);

/** The word for what went wrong, such as `not_found`; empty for NULL. Lives as long as the error, as do the others. */
const char *ms_error_code(const ms_error *error);

/** What happened to which thing, for people; empty for NULL. */
const char *ms_error_message(const ms_error *error);

/** The path that it is about, as bytes; NULL when there is none. */
const char *ms_error_path(const ms_error *error);

/** What to do next; NULL when there is no advice. */
const char *ms_error_hint(const ms_error *error);

/** All of it: `{"code","message","path","hint"}`, and `candidates` when the code is `ambiguous`; `{}` for NULL. */
const char *ms_error_json(const ms_error *error);

/** Ends an error. Accepts NULL. */
void ms_error_free(ms_error *error);

/** The bytes of a text, with a NUL after them; NULL for a handle that is not a text. Lives as long as the text. */
const char *ms_string_data(const ms_string *string);

/** How many bytes a text has, without the NUL. */
size_t ms_string_size(const ms_string *string);

/** Ends a text. Accepts NULL. */
void ms_string_free(ms_string *string);
/** @} */

/** @name Stopping @{ */

/** Makes a switch that any number of calls may share. The caller ends it with ms_cancel_free(). */
ms_status ms_cancel_new(ms_cancel_token **token, ms_error **error);

/** Stops every call that uses the token, now and later. From any thread, also while the calls run. */
ms_status ms_cancel(ms_cancel_token *token, ms_error **error);

/** Writes 1 when the token was used to stop, else 0. */
ms_status ms_cancel_state(const ms_cancel_token *token, int32_t *cancelled, ms_error **error);

/** Ends a token. Calls that use it go on and can no longer be stopped by it. Accepts NULL. */
void ms_cancel_free(ms_cancel_token *token);
/** @} */

/** @name The shelf @{ */

/**
 * Opens a database, and makes it when it is not there.
 *
 * Opening one twice in a process gives two handles to the same shelf, each to be closed.
 * @param database path; NULL for `$MODELSHELF_HOME/modelshelf.db`.
 * @param options JSON `{"offline":bool|null}`; NULL for the defaults.
 */
ms_status ms_open(const char *database, const char *options, ms_shelf **shelf, ms_error **error);

/** Ends a shelf handle; the last one of a database closes it. Calls that run on it may end with an error. */
void ms_close(ms_shelf *shelf);

/** The path of the database, as bytes. */
ms_status ms_database(ms_shelf *shelf, ms_string **path, ms_error **error);

/**
 * Finds model files, reads their headers, hashes what is new or changed, identifies it on Civitai and stores it.
 *
 * @param request JSON
 *   `{"folders":[path|{"path","path_bytes","type"}],"lookup":true,"hash":true,"force":false,"refresh":false,
 *   "previews":false,"max_level":"pg13","sidecars":["server"],"metadata_dir":path,"jobs":N}`;
 *   every key may be left out; without folders the registered ones are scanned. NULL stands for `{}`.
 * @param progress may be NULL.
 * @param token may be NULL.
 * @param report JSON, as `modelshelf scan --json` prints it. Files that failed are listed there.
 */
ms_status ms_scan(ms_shelf *shelf, const char *request, ms_progress_fn progress, void *payload,
                  ms_cancel_token *token, ms_string **report, ms_error **error);

/**
 * The record of a model, as JSON.
 * @param what a path, a name, any hash, a Civitai URL or AIR, `model:ID` or `version:ID`. Bytes.
 */
ms_status ms_get(ms_shelf *shelf, const char *what, ms_string **record, ms_error **error);

/**
 * Records in order, as JSON `{"models":[…],"total":N}`; each record has a line of its own.
 * @param filter JSON `{"type","base_model","tag","missing_metadata","favorite","sort","limit","offset"}`, every key
 *   may be left out; NULL for all. `sort` is one of `name size modified added type base_model`.
 */
ms_status ms_list(ms_shelf *shelf, const char *filter, ms_string **page, ms_error **error);

/** How many records a filter lets through; NULL counts all. */
ms_status ms_count(ms_shelf *shelf, const char *filter, int64_t *count, ms_error **error);

/** Records that hold every word of `text`, at least as a prefix, as ms_list() gives them. */
ms_status ms_search(ms_shelf *shelf, const char *text, const char *filter, ms_string **page, ms_error **error);

/**
 * The stored hash of a file, after one `stat` and without JSON: for calls in a loop.
 *
 * @param algorithm a name as in the record, such as `sha256` or `autov2`.
 * @param buffer gets the text with a NUL; empty while the hash is not known or the file has changed since.
 * @param capacity size of the buffer; ::MS_HASH_SIZE is always enough, too little gives ::MS_INVALID.
 */
ms_status ms_stored_hash(ms_shelf *shelf, const char *path, const char *algorithm, char *buffer, size_t capacity,
                         ms_error **error);

/** @name What Civitai says of a file @{ */
enum {
    MS_CIVITAI_UNKNOWN = 0, /**< Not asked yet. */
    MS_CIVITAI_FOUND = 1,
    MS_CIVITAI_NOT_FOUND = 2,
    MS_CIVITAI_GONE = 3,
    MS_CIVITAI_PENDING = 4, /**< Asked, but the service could not answer. */
    MS_CIVITAI_AMBIGUOUS = 5
};
/** @} */

/** The stored answer of Civitai about a model, one of `MS_CIVITAI_…`. */
ms_status ms_stored_status(ms_shelf *shelf, const char *what, int32_t *state, ms_error **error);

/**
 * Records what the user says of a model; it outranks every other source.
 *
 * @param edits JSON `{"notes":text|null,"favorite":bool,"tags":[…],"add_tags":[…],"remove_tags":[…],"fields":{…}}`;
 *   every other key is a field: `name type base_model trigger_words` or one of the user's own. Null takes a field back.
 * @param record the record after it; the pointer may be NULL.
 */
ms_status ms_update(ms_shelf *shelf, const char *what, const char *edits, ms_string **record, ms_error **error);

/**
 * Corrects a wrong match for good.
 * @param version 0 for the default version of the model.
 * @param record the record after it; the pointer may be NULL.
 */
ms_status ms_link(ms_shelf *shelf, const char *what, int64_t model, int64_t version, ms_string **record,
                  ms_error **error);

/** Takes a match away for good. `record` gets the record after it; the pointer may be NULL. */
ms_status ms_unlink(ms_shelf *shelf, const char *what, ms_string **record, ms_error **error);

/**
 * The registered folders, as JSON `{"roots":[{"path","type","state","files","source",…}]}`: also those of
 * `$MODELSHELF_HOME/config.toml`, with what each says of itself, as in ms_roots_set().
 */
ms_status ms_roots(ms_shelf *shelf, ms_string **roots, ms_error **error);

/** Registers a folder. `type` is the type of files whose header does not tell; NULL for none. */
ms_status ms_roots_add(ms_shelf *shelf, const char *path, const char *type, ms_error **error);

/**
 * Registers a folder, or changes what holds below it; what is left out stays as it was.
 *
 * @param settings JSON `{"type":text,"exclude":[…],"lookup":bool,"previews":bool,"max_level":text,"sidecars":[…],
 *   "metadata_dir":path,"jobs":n,"default":bool}`; NULL for nothing. With `lookup` false no digest of a file below the
 *   folder ever leaves the machine.
 */
ms_status ms_roots_set(ms_shelf *shelf, const char *path, const char *settings, ms_error **error);

/**
 * Registers the folders that a file like ComfyUI's `extra_model_paths.yaml` names.
 *
 * @param dry_run not 0 to only tell what would be done.
 * @param report JSON `{"imported":[{"path","type","keys"}],"skipped":[{"path","key","reason"}]}`.
 */
ms_status ms_roots_import(ms_shelf *shelf, const char *path, int32_t dry_run, ms_string **report, ms_error **error);

/** Takes a folder off the list; its files and records stay. */
ms_status ms_roots_remove(ms_shelf *shelf, const char *path, ms_error **error);

/**
 * Asks Civitai and stores nothing.
 *
 * @param queries JSON array of hashes, URLs, AIRs and ids.
 * @param progress called every 100 ms while the call waits, so that it can be stopped; may be NULL.
 * @param results JSON `{"results":[{"query","status","civitai"}]}`.
 */
ms_status ms_lookup(ms_shelf *shelf, const char *queries, ms_progress_fn progress, void *payload,
                    ms_cancel_token *token, ms_string **results, ms_error **error);

/**
 * Downloads a file, verifies it and takes it into the library. A stopped download leaves its bytes, and the same call
 * goes on with them.
 *
 * @param request JSON `{"what":text,"to":path,"to_bytes":base64,"file":id,"type":text,"previews":false,
 *   "max_level":"pg13","verify":true,"connections":1,"hf_token":text}`; all but `what` may be left out. `what` is a
 *   Civitai URL or AIR, `model:ID`, `version:ID`, a hash, or a file's address on Hugging Face; `hf_token` is a key for
 *   the latter in place of `HF_TOKEN`, sent there only and kept nowhere.
 * @param report JSON, as `modelshelf download --json` prints it.
 */
ms_status ms_download(ms_shelf *shelf, const char *request, ms_progress_fn progress, void *payload,
                      ms_cancel_token *token, ms_string **report, ms_error **error);

/**
 * Puts downloads at the end of the queue, which is kept in the database and outlives the process. One that is in it
 * already is not added twice.
 *
 * @param requests JSON array of requests as ms_download() takes them, without `hf_token`.
 * @param downloads those added, as ms_downloads_list() gives them.
 */
ms_status ms_downloads_add(ms_shelf *shelf, const char *requests, ms_string **downloads, ms_error **error);

/**
 * The queue in its order, with what was done lately: JSON
 * `{"downloads":[{"id","what","state","path","path_bytes","bytes","bytes_total","error","added_at","finished_at"}]}`.
 * `state` is one of `waiting running paused done failed`. Of one that runs `bytes` is how far it is, whichever process
 * works on it.
 */
ms_status ms_downloads_list(ms_shelf *shelf, ms_string **downloads, ms_error **error);

/** Makes a download wait, also one that runs, which keeps its bytes. 0 for all that are not done. */
ms_status ms_downloads_pause(ms_shelf *shelf, int64_t download, ms_error **error);

/** Lets a download that is paused or has failed wait for its turn again. 0 for all of them. */
ms_status ms_downloads_resume(ms_shelf *shelf, int64_t download, ms_error **error);

/** Takes a download out of the queue; what was fetched of it is removed unless it is whole. */
ms_status ms_downloads_remove(ms_shelf *shelf, int64_t download, ms_error **error);

/**
 * Works off what waits, one after the other, until nothing does. Those that other processes work on are waited for;
 * what fails stays in the queue as failed. What is stopped or killed goes on with the next call.
 * @param report JSON `{"downloads":[…],"failed":[{"id","what","code","message","hint"}]}`, the downloads as
 *   ms_download() reports them, with `id` and `what`.
 */
ms_status ms_downloads_run(ms_shelf *shelf, ms_progress_fn progress, void *payload, ms_cancel_token *token,
                           ms_string **report, ms_error **error);

/**
 * Fetches preview pictures and stills of videos and puts them beside the models.
 *
 * @param request JSON `{"what":[path|{"path","path_bytes"}],"max_level":"pg13","width":450,"all":false,
 *   "refresh":false,"fetch":true}`; without `what` the whole library. NULL stands for `{}`. `"fetch":false` tells the
 *   pictures that the service named and fetches none; then `path` is that of the model.
 * @param report JSON `{"previews":[{"path","url","type","nsfw_level","model"}],"skipped":[{"path","reason","code"}]}`.
 */
ms_status ms_preview(ms_shelf *shelf, const char *request, ms_progress_fn progress, void *payload,
                     ms_cancel_token *token, ms_string **report, ms_error **error);

/** @name Sidecars
 *
 * The metadata beside a model, `x.safetensors.metadata.json`, that other programs read and write too. `folder` is one
 * that gathers the sidecars of folders that cannot be written to; NULL for the model's own. @{ */

/** Where the sidecar of a model lies, as bytes. */
ms_status ms_sidecar_path(ms_shelf *shelf, const char *model, const char *folder, ms_string **path, ms_error **error);

/**
 * The document as JSON. What did not change since the last call costs one `stat`.
 * @param document NULL when there is none. One that is damaged is set aside as `….corrupt`, which is logged.
 */
ms_status ms_sidecar_read(ms_shelf *shelf, const char *model, const char *folder, ms_string **document,
                          ms_error **error);

/**
 * Merges fields into the document, in one step that no crash can cut in two. What others wrote there is kept. The model
 * need not be known; if it is, fields that people see enter the store as the sidecar's word.
 *
 * @param fields a JSON object; a null is written as one.
 * @param replace 1 to drop what else is in the document, but for our own part.
 * @param document the document as written; the pointer may be NULL.
 */
ms_status ms_sidecar_write(ms_shelf *shelf, const char *model, const char *folder, const char *fields,
                           int32_t replace, ms_string **document, ms_error **error);

/** Removes the sidecar. `deleted` gets 1, or 0 when there is none; it may be NULL. */
ms_status ms_sidecar_delete(ms_shelf *shelf, const char *model, const char *folder, int32_t *deleted,
                            ms_error **error);

/**
 * Writes the sidecars of many models, or only takes in what others wrote there.
 *
 * @param request JSON `{"what":[path|{"path","path_bytes"}],"formats":["server"],"write":true,"metadata_dir":path}`;
 *   without `what` the whole library. NULL stands for `{}`.
 * @param report JSON `{"files":N,"written":N,"damaged":[…],"failed":[…]}`.
 */
ms_status ms_sidecars(ms_shelf *shelf, const char *request, ms_progress_fn progress, void *payload,
                      ms_cancel_token *token, ms_string **report, ms_error **error);

/**
 * Hashes files again and compares with what is recorded. Digests that came from a sidecar are confirmed by it, or
 * corrected.
 *
 * @param request JSON `{"what":[path|{"path","path_bytes"}],"adopted":false,"jobs":N,"background":false}`; without
 *   `what` the whole library; `background` is the lowest priority for processor and disk. NULL stands for `{}`.
 * @param report JSON `{"ok":N,"changed":[…],"damaged":[…],"missing":[…],"failed":[…],"bytes_hashed":N}`.
 */
ms_status ms_verify(ms_shelf *shelf, const char *request, ms_progress_fn progress, void *payload,
                    ms_cancel_token *token, ms_string **report, ms_error **error);
/** @} */

/** Checks the installation, the store and the network: JSON `{"ok","checks":[{"name","status","detail","advice"}]}`. */
ms_status ms_doctor(ms_shelf *shelf, ms_string **findings, ms_error **error);
/** @} */

/** @name Watching folders
 *
 * Events are pulled; nothing is called from a thread of the library. @{ */

/**
 * Watches folders: what is there and not known yet is taken up, hashed and identified first, then what comes.
 *
 * A file is taken up once its writer is done. Several watches may run at once. The end of the shelf ends them.
 * @param request JSON
 *   `{"folders":[path|{"path","path_bytes","type"}],"lookup":true,"previews":false,"max_level":"pg13","sidecars":[],
 *   "metadata_dir":DIR,"verify":true,"jobs":N,"background":false,"poll_ms":N,"reconcile_ms":N,
 *   "only_polls":false}`; every key may be left out; without folders the registered ones are watched. A folder that is
 *   not there is waited for. `previews` fetches a picture for what was identified and has none, beside the events, up to
 *   `max_level`; the record shows it once it is there. `background` is the lowest priority for processor and disk.
 *   `sidecars` names the formats to read before hashing and to write for what was told, gathered in `metadata_dir`.
 *   `verify` computes digests that came from sidecars while there is nothing else to do. `poll_ms` is how often folders are listed that report nothing, such as network folders (5000), `reconcile_ms`
 *   how often all are (600000); `only_polls` lists all of them at that pace. NULL stands for `{}`.
 */
ms_status ms_watch_start(ms_shelf *shelf, const char *request, ms_watch **watch, ms_error **error);

/**
 * The events that have come since the last call, in order.
 *
 * @param milliseconds how long to wait for the first one; 0 not at all, negative until there is one or the watch ends.
 * @param events JSON array of
 *   `{"event","path","path_bytes","old_path","old_path_bytes","time","model":record|null,"error":null}`, empty when
 *   none came in time. `event` is one of `added changed moved removed identified failed`. NULL when the watch has ended
 *   and everything was told.
 */
ms_status ms_events_next(ms_watch *watch, int32_t milliseconds, ms_string **events, ms_error **error);

/**
 * Ends the watching, also in the middle of a file, and waits for its threads; what was finished is kept. Whoever waits
 * in ms_events_next() is woken. Harmless a second time.
 */
ms_status ms_watch_stop(ms_watch *watch, ms_error **error);

/** Ends the watching and its handle. Accepts NULL. */
void ms_watch_free(ms_watch *watch);
/** @} */

/** @name Files, without a database @{ */

/**
 * Hashes one file, without JSON.
 * @param algorithm one name of `sha256 tensor_sha256 autov1 autov2 autov3 blake3 crc32 crc32_civitai git_sha1 invokeai
 *   canonical a1111_legacy`, in any case. A folder has `invokeai` and no other.
 * @param buffer gets the text with a NUL, empty when the file has no such hash; see ms_stored_hash().
 */
ms_status ms_hash_file(const char *path, const char *algorithm, ms_progress_fn progress, void *payload,
                       ms_cancel_token *token, char *buffer, size_t capacity, ms_error **error);

/**
 * Hashes files on all processors, each read once.
 *
 * @param algorithms names with commas between them, or `all` for the usual ones; NULL for `sha256`.
 * @param jobs files at once, at most 1024; 0 for one on each processor.
 * @param result JSON `{"files":[{"path","path_bytes","size","hashes":{…}}],"failed":[…]}` in the order of `paths`.
 */
ms_status ms_hash_files(const char *const *paths, size_t count, const char *algorithms, int32_t jobs,
                        ms_progress_fn progress, void *payload, ms_cancel_token *token, ms_string **result,
                        ms_error **error);

/**
 * As ms_hash_files(), told how by JSON.
 * @param options `{"algorithms":[name],"jobs":N,"background":bool}` or NULL; in the background reading and hashing have
 *   the lowest priority for processor and disk.
 */
ms_status ms_hash(const char *const *paths, size_t count, const char *options, ms_progress_fn progress, void *payload,
                  ms_cancel_token *token, ms_string **result, ms_error **error);

/**
 * Hashes bytes in memory.
 * @param data may be NULL when `size` is 0.
 * @param algorithms as for ms_hash_files().
 * @param hashes JSON object of texts by name, null for what such bytes do not have.
 */
ms_status ms_hash_bytes(const void *data, size_t size, const char *algorithms, ms_string **hashes, ms_error **error);

/**
 * Begins hashes of bytes that come piece by piece. The caller ends it with ms_hasher_free(). Calls on one hasher wait
 * for each other.
 * @param algorithms as for ms_hash_files(), but not `git_sha1` and `canonical`, which need to know what comes.
 */
ms_status ms_hasher_new(const char *algorithms, ms_hasher **hasher, ms_error **error);

/** Takes the next bytes. `data` may be NULL when `size` is 0. */
ms_status ms_hasher_update(ms_hasher *hasher, const void *data, size_t size, ms_error **error);

/**
 * The hash of everything so far; more may follow.
 * @param algorithm one of the names; NULL for the first.
 * @param buffer gets the text with a NUL, empty when such bytes have no such hash; ::MS_HASH_SIZE is always enough.
 */
ms_status ms_hasher_digest(ms_hasher *hasher, const char *algorithm, char *buffer, size_t capacity, ms_error **error);

/** All hashes of everything so far: JSON object of texts by name, as ms_hash_bytes() gives. */
ms_status ms_hasher_digests(ms_hasher *hasher, ms_string **hashes, ms_error **error);

/** Makes a second hasher that has seen the same bytes and goes its own way. */
ms_status ms_hasher_copy(ms_hasher *hasher, ms_hasher **copy, ms_error **error);

/** Ends a hasher. Accepts NULL. */
void ms_hasher_free(ms_hasher *hasher);

/**
 * Reads the headers of files: JSON `{"files":[…],"failed":[…]}`. Never loads tensors, never runs a pickle.
 */
ms_status ms_inspect(const char *const *paths, size_t count, ms_string **result, ms_error **error);
/** @} */

/** @name Civitai, without a database
 *
 * `options` is JSON `{"token":text,"base_url":text,"offline":bool}` or NULL; what is left out comes from the
 * environment. `progress` is called every 100 ms while a call waits, so that it can be stopped; may be NULL. @{ */

/** As ms_lookup(). */
ms_status ms_civitai_lookup(const char *queries, const char *options, ms_progress_fn progress, void *payload,
                            ms_cancel_token *token, ms_string **results, ms_error **error);

/** A model as the service gives it, JSON. */
ms_status ms_civitai_model(int64_t model, const char *options, ms_progress_fn progress, void *payload,
                           ms_cancel_token *token, ms_string **result, ms_error **error);

/** A model version as the service gives it, JSON. */
ms_status ms_civitai_version(int64_t version, const char *options, ms_progress_fn progress, void *payload,
                             ms_cancel_token *token, ms_string **result, ms_error **error);

/** Whose API key it is, JSON: the one call that tells a wrong key. */
ms_status ms_civitai_me(const char *options, ms_progress_fn progress, void *payload, ms_cancel_token *token,
                        ms_string **result, ms_error **error);

/**
 * What a pasted text names on Civitai: addresses, AIR names, `civitai: M @ V`, `model:ID`, numbers, hashes. Asks nobody.
 *
 * @param result JSON `{"model_id","version_id","file_id","hash","number"}`, null where the text does not say; `number` is
 *   a bare number, which may be a model or a version.
 */
ms_status ms_civitai_reference(const char *text, ms_string **result, ms_error **error);

/** As ms_download(), but the report's `model` is null and previews are not fetched. */
ms_status ms_civitai_download(const char *request, const char *options, ms_progress_fn progress, void *payload,
                              ms_cancel_token *token, ms_string **report, ms_error **error);

/**
 * Begins a walk through the catalogue. Nothing is asked yet.
 *
 * @param kind `models`, `images`, `tags` or `creators`.
 * @param filters JSON object of filters by name, and `limit` for so many items in all; NULL stands for `{}`. Filters
 *   that the service would drop without a word or always refuses are ::MS_INVALID errors that say so.
 */
ms_status ms_catalogue_open(const char *kind, const char *filters, const char *options, ms_catalogue **catalogue,
                            ms_error **error);

/** The items that come next, a JSON array of them as the service gave them; empty at the end and only there. */
ms_status ms_catalogue_next(ms_catalogue *catalogue, ms_progress_fn progress, void *payload, ms_cancel_token *token,
                            ms_string **items, ms_error **error);

/** Ends a walk. Accepts NULL. */
void ms_catalogue_free(ms_catalogue *catalogue);

/**
 * Fetches a picture and writes it in one step; what is no picture is refused.
 *
 * @param request JSON `{"url","to","to_bytes","add_ending":false}`. `to` is the file; with `add_ending` the ending of what
 *   the picture is (`png jpg webp gif avif jxl`) is added to it. Its folder must be there.
 * @param report JSON `{"path","path_bytes","ending"}`.
 */
ms_status ms_civitai_picture(const char *request, const char *options, ms_progress_fn progress, void *payload,
                             ms_cancel_token *token, ms_string **report, ms_error **error);

/**
 * The address of a picture at another width, or of a still when it is a video's. An address that is not one of
 * Civitai's image service comes back as it is.
 * @param width pixels, rounded up to a width that the service keeps; 0 for the picture as it was uploaded.
 */
ms_status ms_image_url(const char *url, int32_t width, int32_t still, ms_string **result, ms_error **error);
/** @} */

/**
 * Names a file of trusted certificates to use where the system has none. Counts for what is opened and asked later.
 */
ms_status ms_certificates_add(const char *path, ms_error **error);

/** @name Messages
 * The library writes nothing to the streams of the process. Who wants its messages pulls them. @{ */
enum { MS_LOG_OFF = -1, MS_LOG_DEBUG = 0, MS_LOG_INFO = 1, MS_LOG_WARNING = 2, MS_LOG_ERROR = 3 };

/** Keeps messages of at least this level for ms_log_next(), up to 1000; more are dropped. ::MS_LOG_OFF forgets all. */
ms_status ms_log_listen(int32_t level, ms_error **error);

/**
 * The oldest kept message.
 * @param milliseconds how long to wait for one; 0 not at all.
 * @param level gets its level; the pointer may be NULL.
 * @param message gets the text, or NULL when there is none.
 */
ms_status ms_log_next(int32_t milliseconds, int32_t *level, ms_string **message, ms_error **error);
/** @} */

#ifdef __cplusplus
}
#endif

#endif
