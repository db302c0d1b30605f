/* fuzz-request-handler.c: requests to the server, in both versions of the request API
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is the query's `filename` in a line ("" for none), and the body behind it. In the body
 * `@1@` and `@2@` stand for ids of uploads of these versions, `@?@` for one of unknown size and
 * `@!@` for somebody else's. The storage only looks whether what it is asked for may be.
 */

#include "fuzz.h"

#include <string.h>

#include "streamer-error.h"
#include "streamer-json.h"
#include "streamer-key.h"
#include "streamer-python-literal.h"
#include "streamer-request-handler.h"
#include "streamer-staged-name.h"
#include "streamer-staging-storage.h"
#include "streamer-upload-id.h"

#define MIB    G_GUINT64_CONSTANT (1048576)
#define TOKEN  "TOKEN-d41d8cd98f00"
#define PREFIX "team-a"

#define FUZZ_TYPE_STORAGE (fuzz_storage_get_type ())
G_DECLARE_FINAL_TYPE (FuzzStorage, fuzz_storage, FUZZ, STORAGE, GObject)

struct _FuzzStorage
{
  GObject parent_instance;
  StreamerSeal *seal; /* (not owned) */
};

static void fuzz_storage_init_storage (StreamerStorageInterface *iface);
static void fuzz_storage_init_staging (StreamerStagingStorageInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FuzzStorage,
                               fuzz_storage,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STORAGE,
                                                      fuzz_storage_init_storage)
                                   G_IMPLEMENT_INTERFACE (STREAMER_TYPE_STAGING_STORAGE,
                                                          fuzz_storage_init_staging))

static void
fuzz_storage_class_init (FuzzStorageClass *klass)
{
}

static void
fuzz_storage_init (FuzzStorage *self)
{
}

static void
check_key (const char *key)
{
  g_autofree char *canonical = streamer_key_canonicalize (key, -1, NULL);

  g_assert_cmpstr (canonical, ==, key);
  g_assert_true (streamer_key_is_below (key, PREFIX));
}

static void
check_upload (const StreamerStorageUpload *upload)
{
  check_key (upload->key);
  g_assert_cmpstr (upload->principal, ==, "team");
  g_assert_true (upload->size <= streamer_limits_s3.max_object_size ||
                 upload->size == STREAMER_SIZE_UNKNOWN);
  g_assert_cmpuint (upload->part_size, <=, streamer_limits_s3.max_part_size);
  fuzz_check_shown (upload->content_type, NULL);
}

/* Some objects are there, and some are not. */
static gboolean
find (const char *key, GError **error)
{
  if (!g_str_has_suffix (key, "0"))
    return TRUE;
  g_set_error_literal (error, STREAMER_ERROR, STREAMER_ERROR_NOT_FOUND, "There is none.");
  return FALSE;
}

static StreamerStorageObject *
new_object (void)
{
  StreamerStorageObject *object = g_new0 (StreamerStorageObject, 1);

  object->size = 7;
  object->etag = g_strdup ("\"etag\"");
  return object;
}

static const StreamerLimits *
get_limits (StreamerStorage *self)
{
  return &streamer_limits_s3;
}

static const char *
get_domain (StreamerStorage *self)
{
  return "https://cdn.example";
}

static const char *const *
get_checksums (StreamerStorage *self)
{
  static const char *const checksums[] = { "crc32", NULL };

  return checksums;
}

static gboolean
begin (StreamerStorage *self, StreamerStorageUpload *upload, const char *resume_id, GError **error)
{
  check_upload (upload);
  g_assert_true (strlen (resume_id) >= 16 && strlen (resume_id) <= 128);
  upload->id = g_strdup ("id");
  upload->expires = G_MAXINT32;
  return TRUE;
}

static gboolean
presign (StreamerStorage *self,
         const StreamerStorageUpload *upload,
         guint number,
         guint64 size,
         const guint32 *crc32,
         StreamerSignedRequest *request,
         GError **error)
{
  check_upload (upload);
  g_assert_true (streamer_storage_upload_takes_part (upload, number, size));
  g_assert_cmpuint (number, <=, streamer_limits_s3.max_parts);
  request->url = g_strdup ("/parts/1");
  request->expires = G_MAXINT32;
  return TRUE;
}

static GArray *
list_parts (StreamerStorage *self, const StreamerStorageUpload *upload, GError **error)
{
  GArray *parts = streamer_storage_parts_new ();
  StreamerStoragePart part = { .number = 1, .size = 7, .etag = g_strdup ("\"etag\"") };

  check_upload (upload);
  g_array_append_val (parts, part);
  return parts;
}

static StreamerStorageObject *
finish (StreamerStorage *self,
        const StreamerStorageUpload *upload,
        GArray *parts,
        const guint32 *crc32,
        GError **error)
{
  guint last = 0;

  check_upload (upload);
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const StreamerStoragePart *part = &g_array_index (parts, StreamerStoragePart, i);

      g_assert_true (part->number >= 1 && part->number <= streamer_limits_s3.max_parts);
      g_assert_true (part->number >= last && part->etag != NULL);
      last = part->number;
    }
  return new_object ();
}

static gboolean
cancel (StreamerStorage *self, const StreamerStorageUpload *upload, GError **error)
{
  check_upload (upload);
  return TRUE;
}

static StreamerStorageObject *
stat_object (StreamerStorage *self, const char *key, GError **error)
{
  check_key (key);
  return find (key, error) ? new_object () : NULL;
}

static gboolean
remove_object (StreamerStorage *self, const char *key, GError **error)
{
  check_key (key);
  return find (key, error);
}

static char *
make_link (StreamerStorage *self, const char *key, gint64 *expires, GError **error)
{
  check_key (key);
  return g_strdup ("/downloads/1");
}

static void
fuzz_storage_init_storage (StreamerStorageInterface *iface)
{
  iface->get_limits = get_limits;
  iface->get_domain = get_domain;
  iface->get_checksums = get_checksums;
  iface->begin = begin;
  iface->presign = presign;
  iface->list_parts = list_parts;
  iface->finish = finish;
  iface->cancel = cancel;
  iface->stat = stat_object;
  iface->remove = remove_object;
  iface->link = make_link;
}

static gboolean
sign_post (StreamerStagingStorage *self,
           const StreamerPostGrant *grant,
           StreamerSignedPost *post,
           GError **error)
{
  if (grant->is_staged)
    g_assert_true (streamer_staged_name_is_ours (FUZZ_STORAGE (self)->seal, grant->key));
  else
    check_key (grant->key);
  g_assert_cmpstr (grant->principal, ==, "team");
  g_assert_cmpuint (grant->max_size, <=, streamer_limits_s3.max_part_size);
  post->url = g_strdup ("/posts");
  post->fields = streamer_post_grant_sign (FUZZ_STORAGE (self)->seal, grant);
  return TRUE;
}

static gboolean
add (StreamerStagingStorage *self,
     const StreamerStorageUpload *upload,
     guint number,
     const char *name,
     GError **error)
{
  check_upload (upload);
  g_assert_true (number >= 1 && number <= streamer_limits_s3.max_parts);
  g_assert_true (streamer_staged_name_is_ours (FUZZ_STORAGE (self)->seal, name));
  return TRUE;
}

static gboolean
discard (StreamerStagingStorage *self, const char *name, GError **error)
{
  g_assert_true (streamer_staged_name_is_ours (FUZZ_STORAGE (self)->seal, name));
  return TRUE;
}

static void
fuzz_storage_init_staging (StreamerStagingStorageInterface *iface)
{
  iface->sign_post = sign_post;
  iface->add = add;
  iface->discard = discard;
}

static void
put_upload (GString *body,
            const char *mark,
            StreamerSeal *seal,
            const char *principal,
            guint64 size,
            guint64 part_size)
{
  const StreamerStorageUpload upload = {
    .id = (char *) "id",
    .principal = (char *) principal,
    .key = (char *) PREFIX "/key",
    .size = size,
    .part_size = part_size,
    .content_type = (char *) "text/plain",
    .expires = G_MAXINT32,
  };
  g_autofree char *text = NULL;

  if (strstr (body->str, mark) == NULL)
    return;
  text = streamer_upload_id_close (seal, &upload);
  g_string_replace (body, mark, text, 4);
}

static void
check_answer (const StreamerApiAnswer *answer, gboolean may_show_token)
{
  g_autoptr (JsonNode) node = streamer_json_parse (answer->body, strlen (answer->body), NULL);
  JsonObject *object = node != NULL ? json_node_get_object (node) : NULL;
  JsonNode *status = object != NULL ? json_object_get_member (object, "status") : NULL;
  guint64 code;

  g_assert_nonnull (object);
  g_assert_true (streamer_json_get_uint (object, "status_code", 200, 499, &code, NULL));
  g_assert_cmpuint (code, ==, answer->status);
  g_assert_true (may_show_token || strstr (answer->body, TOKEN) == NULL);
  g_assert_cmpint (answer->retry_after, ==, -1);

  /* In version 1 a form is a string in Python's notation. */
  if (answer->status == 200 && json_node_get_value_type (status) == G_TYPE_STRING)
    {
      const char *text = json_node_get_string (status);

      if (*text == '{')
        {
          g_autoptr (JsonNode) form = streamer_python_literal_parse (text, strlen (text), NULL);

          g_assert_true (form != NULL && JSON_NODE_HOLDS_OBJECT (form));
        }
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const guint8 key[STREAMER_SEAL_KEY_BYTES] = { 7 };
  static const char *const prefixes[] = { PREFIX, NULL };
  g_autoptr (StreamerSeal) seal = streamer_seal_new (key);
  g_autoptr (StreamerPolicy) policy = streamer_policy_new ();
  g_autoptr (FuzzStorage) storage = g_object_new (FUZZ_TYPE_STORAGE, NULL);
  g_autoptr (StreamerRequestHandler) handler = NULL;
  g_autoptr (StreamerAudit) audit = streamer_audit_new ("/dev/null", NULL);
  gboolean has_token = size > 0 && memmem (data, size, TOKEN, strlen (TOKEN)) != NULL;
  FuzzInput input = { data, size };
  g_autofree char *filename = fuzz_take_line (&input);
  g_autoptr (GString) body = g_string_new_len ((const char *) input.data, input.size);
  g_auto (StreamerApiAnswer) answer = { 0 };
  StreamerApiCall call = { .authorization = "Bearer " TOKEN,
                           .remote = "192.0.2.7",
                           .origin = "https://api.example" };

  /* Both front ends pass on what is UTF-8. */
  if (!g_utf8_validate (filename, -1, NULL))
    return -1;
  storage->seal = seal;
  streamer_policy_add_principal (policy, "team", TOKEN, prefixes, STREAMER_RIGHTS_ALL);
  handler = streamer_request_handler_new (policy, STREAMER_STORAGE (storage), seal);
  streamer_request_handler_set_audit (handler, audit);
  put_upload (body, "@1@", seal, "team", 12 * MIB, 0);
  put_upload (body, "@2@", seal, "team", 12 * MIB, 5 * MIB);
  put_upload (body, "@?@", seal, "team", STREAMER_SIZE_UNKNOWN, 5 * MIB);
  put_upload (body, "@!@", seal, "another", 12 * MIB, 5 * MIB);
  call.filename = *filename != '\0' ? filename : NULL;
  call.body = body->str;
  call.length = body->len;
  streamer_request_handler_handle (handler, &call, &answer);
  check_answer (&answer, has_token);
  return 0;
}
