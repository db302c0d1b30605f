/* SPDX-License-Identifier: GPL-3.0-or-later */

#include <sqlite3.h>
#include <string.h>

#include "server-fixture.h"
#include "streamer-json.h"
#include "streamer-post-grant.h"
#include "streamer-python-literal.h"

#define EXISTS    "Document already exists and overwrite is not set."
#define FORBIDDEN "No access to the specified path."
#define NOT_THERE "Document does not exist and therefore cannot be purged."
#define ADDED     "Part added to the main document."
#define COMPLETED "Document recombined."
#define DELETED   "Temporary file(s) deleted."
#define PURGED    "Document purged."

/* A request as old clients send it; @query goes behind the question mark as it is.
 * Returns: (transfer full): `status` */
static char *call (ServerFixture *fixture,
                   const char *token,
                   guint code,
                   const char *query,
                   const char *body,
                   ...) G_GNUC_PRINTF (5, 6);

static char *
call (ServerFixture *fixture,
      const char *token,
      guint code,
      const char *query,
      const char *body,
      ...)
{
  g_autofree char *headers = g_strdup_printf ("Authorization: Bearer %s\r\n", token);
  g_autofree char *url = g_strconcat ("/upload/request?", query, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GList) members = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_auto (Reply) reply = { 0 };
  JsonObject *envelope;
  va_list arguments;
  char *text;

  va_start (arguments, body);
  text = g_strdup_vprintf (body, arguments);
  va_end (arguments);
  bytes = g_bytes_new_take (text, strlen (text));
  client_request (fixture, "POST", url, headers, bytes, &reply);
  root = streamer_json_parse (g_bytes_get_data (reply.body, NULL), g_bytes_get_size (reply.body),
                              &error);
  g_assert_no_error (error);
  envelope = json_node_get_object (root);
  g_assert_cmpint (json_object_get_int_member (envelope, "status_code"), ==, code);
  g_assert_cmpuint (reply.status, ==, code);
  /* What old clients get, and nothing else, in this order. */
  members = json_object_get_members (envelope);
  g_assert_cmpuint (g_list_length (members), ==, 3);
  g_assert_cmpstr (members->data, ==, "status");
  g_assert_cmpstr (members->next->data, ==, "request_id");
  g_assert_cmpstr (members->next->next->data, ==, "status_code");
  return g_strdup (json_object_get_string_member (envelope, "status"));
}

/* As call(), where the answer is known. */
#define assert_call(expected, ...)                                                                 \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *answered = call (__VA_ARGS__);                                                \
    g_assert_cmpstr (answered, ==, expected);                                                      \
  }                                                                                                \
  G_STMT_END

static char *
create (ServerFixture *fixture, const char *token, const char *key, gsize size, const char *replace)
{
  g_autofree char *query = g_strconcat ("filename=", key, NULL);

  return call (fixture, token, 200, query,
               "{\"action\":\"create\",\"filesize\":\"%" G_GSIZE_FORMAT "\",\"overwrite\":\"%s\"}",
               size, replace);
}

static char *
get_form (ServerFixture *fixture, const char *token, const char *action, const char *name)
{
  g_autofree char *query = g_strconcat ("filename=", name, NULL);

  return call (fixture, token, 200, query, "{\"action\":\"%s\"}", action);
}

static JsonObject *
parse_form (const char *form)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = streamer_python_literal_parse (form, strlen (form), &error);

  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (root));
}

static const char *
form_field (JsonObject *form, const char *name)
{
  return json_object_get_string_member (json_object_get_object_member (form, "fields"), name);
}

static void
post_fields (ServerFixture *fixture, JsonObject *form, GBytes *bytes, Reply *reply)
{
  JsonObject *fields = json_object_get_object_member (form, "fields");
  g_autoptr (GList) names = json_object_get_members (fields);
  g_autoptr (GString) body = g_string_new (NULL);
  g_autoptr (GBytes) all = NULL;

  for (GList *name = names; name; name = name->next)
    g_string_append_printf (
        body, "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
        (const char *) name->data, json_object_get_string_member (fields, name->data));
  g_string_append (body, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n"
                         "Content-Type: application/octet-stream\r\n\r\n");
  g_string_append_len (body, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_string_append (body, "\r\n--b--\r\n");
  all = g_bytes_new (body->str, body->len);
  client_request (fixture, "POST", json_object_get_string_member (form, "url"),
                  "Content-Type: multipart/form-data; boundary=b\r\n", all, reply);
}

static guint
post (ServerFixture *fixture, const char *form, GBytes *bytes)
{
  g_autoptr (JsonObject) parsed = parse_form (form);
  g_auto (Reply) reply = { 0 };

  post_fields (fixture, parsed, bytes, &reply);
  return reply.status;
}

static void
send_part (ServerFixture *fixture, const char *token, const char *name, GBytes *bytes)
{
  g_autofree char *form = get_form (fixture, token, "geturl", name);

  g_assert_cmpuint (post (fixture, form, bytes), ==, 204);
}

static char *
list_part (GBytes *bytes, guint number)
{
  g_autofree char *md5 = g_compute_checksum_for_bytes (G_CHECKSUM_MD5, bytes);

  return g_strdup_printf ("{'ETag': '%s', 'PartNumber': %u}", md5, number);
}

static void
assert_stored (ServerFixture *fixture, const char *key, GBytes *bytes)
{
  g_autofree char *path = g_build_filename (fixture->root, "objects", key, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *contents = NULL;
  gsize length;

  if (!bytes)
    {
      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
      return;
    }
  g_assert_true (g_file_get_contents (path, &contents, &length, &error));
  g_assert_cmpmem (contents, length, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static guint
count_staged (ServerFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->root, "staged", NULL);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (folder))
    n++;
  return n;
}

static void
test_parts_become_a_document (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (2500, 1);
  g_autoptr (GBytes) first = g_bytes_new_from_bytes (bytes, 0, 1000);
  g_autoptr (GBytes) second = g_bytes_new_from_bytes (bytes, 1000, 1500);
  g_autofree char *id = create (fixture, BOB, "team-b/k", 2500, "NO");
  g_autofree char *one = list_part (first, 1), *two = list_part (second, 2);

  send_part (fixture, BOB, "/tmp/k_1_aaaaa.bin.1", first);
  send_part (fixture, BOB, "%2Ftmp%2Fk_1_aaaaa.bin.2", second);
  assert_call (ADDED, fixture, BOB, 200, "filename=team-b/k",
               "{\"action\":\"add\",\"uploadid\":\"%s\",\"partname\":\"/tmp/k_1_aaaaa.bin.1\","
               "\"partnumber\":\"1\"}",
               id);
  assert_call (ADDED, fixture, BOB, 200, "filename=team-b%2Fk",
               "{\"action\":\"add\",\"uploadid\":\"%s\",\"partname\":\"/tmp/k_1_aaaaa.bin.2\","
               "\"partnumber\":2}",
               id);
  assert_stored (fixture, "team-b/k", NULL);
  assert_call (COMPLETED, fixture, BOB, 200, "filename=team-b/k",
               "{\"action\":\"complete\",\"uploadid\":\"%s\",\"parts\":\"[%s, %s]\"}", id, two,
               one);
  assert_stored (fixture, "team-b/k", bytes);
  assert_call (DELETED, fixture, BOB, 200, "filename=team-b/k",
               "{\"action\":\"delete\",\"objects\":\"[{'Key': 'tmp//tmp/k_1_aaaaa.bin.1'}, "
               "{'Key': \\\"tmp//tmp/k_1_aaaaa.bin.2\\\"}]\"}");
  g_assert_cmpuint (count_open_files (fixture) + count_staged (fixture), ==, 0);
}

static void
test_both_versions_side_by_side (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (100, 1);
  g_autofree char *url = upload (fixture, "a/k", bytes);
  g_autofree char *old_id = create (fixture, ALICE, "a/k", 3, "YES");
  g_autofree char *new_id = begin_upload (fixture, "a/l", 3, 3, FALSE);
  g_autoptr (JsonObject) presigned = NULL, listed = NULL, gone = NULL;

  assert_call (EXISTS, fixture, ALICE, 401, "filename=a/k",
               "{\"action\":\"create\",\"filesize\":\"3\",\"overwrite\":\"NO\"}");
  /* Parts of the one version are not parts of the other. */
  presigned = api_call (
      fixture, ALICE,
      "{'action': 'presign', 'upload_id': '%s', 'parts': [{'number': 1, 'size': 3}]}", old_id);
  api_assert_failed (presigned, 400, "invalid");
  listed = api_call (fixture, ALICE, "{'action': 'parts', 'upload_id': '%s'}", old_id);
  g_assert_cmpuint (json_array_get_length (api_done_array (listed)), ==, 0);
  assert_call ("This upload was begun with another version of the request API.", fixture, ALICE,
               400, "filename=a/l",
               "{\"action\":\"add\",\"uploadid\":\"%s\",\"partname\":\"p\",\"partnumber\":\"1\"}",
               new_id);
  /* Documents are. */
  assert_call (PURGED, fixture, ALICE, 200, "filename=a/k",
               "{\"action\":\"purge\",\"objects\":\"[{'Key': 'a/k'}]\"}");
  gone = api_call (fixture, ALICE, "{'action': 'stat', 'key': 'a/k'}");
  g_assert_false (json_object_get_boolean_member (api_done (gone), "exists"));
  assert_call (NOT_THERE, fixture, ALICE, 404, "filename=a/k",
               "{\"action\":\"purge\",\"objects\":\"[{'Key': 'a/k'}]\"}");
}

static void
test_numbers_are_strings (ServerFixture *fixture, gconstpointer data)
{
  const char *wrong[] = { "\"\"",    "\"-1\"",  "\" 1\"", "\"1 \"",   "\"0x10\"",
                          "\"1e3\"", "\"1.0\"", "\"+1\"", "\"None\"", "null",
                          "[1]",     "-1",      "1.5",    "true",     "\"99999999999999999999\"" };
  g_autofree char *plain =
      call (fixture, ALICE, 200, "filename=k", "{\"action\":\"create\",\"filesize\":12}");

  for (gsize i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autofree char *refused =
          call (fixture, ALICE, 400, "filename=k",
                "{\"action\":\"create\",\"overwrite\":\"NO\",\"filesize\":%s}", wrong[i]);

      g_assert_nonnull (strstr (refused, "filesize"));
    }
  g_free (call (fixture, ALICE, 400, "filename=k",
                "{\"action\":\"create\",\"overwrite\":\"yes\",\"filesize\":\"1\"}"));
  g_free (call (fixture, ALICE, 413, "filename=k",
                "{\"action\":\"create\",\"filesize\":\"60000000000000000\"}"));
  g_assert_nonnull (plain);
}

static void
test_keys_have_one_form (ServerFixture *fixture, gconstpointer data)
{
  const char *refused[] = { "",     "filename=",       "filename=a/../k", "filename=a//k",
                            "x=a",  "filename=a%00b",  "filename=a%0Ab",  "filename=%ff",
                            "file", "filename=a%CC%88" };
  g_autofree char *slashes = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    g_free (call (fixture, ALICE, 400, refused[i],
                  "{\"action\":\"create\",\"filesize\":\"1\",\"overwrite\":\"NO\"}"));
  /* Without a path, a client sends a slash alone before the name. */
  slashes = create (fixture, ALICE, "/k", 0, "NO");
  assert_call (COMPLETED, fixture, ALICE, 200, "filename=/k",
               "{\"action\":\"complete\",\"uploadid\":\"%s\",\"parts\":\"[]\"}", slashes);
  g_free (call (fixture, ALICE, 401, "filename=k", "{\"action\":\"create\",\"filesize\":\"1\"}"));
}

static void
test_delete_of_any_key (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *form = get_form (fixture, ALICE, "geturl", "/tmp/part.1");
  g_autoptr (JsonObject) fields = parse_form (form);
  g_autofree char *document = upload (fixture, "tmp/document", bytes);
  g_autofree char *other = upload (fixture, "team-a/document", bytes);

  g_assert_cmpuint (post (fixture, form, bytes), ==, 204);
  /* Documents, wherever they are. */
  assert_call (FORBIDDEN, fixture, ALICE, 403, "filename=team-a/document",
               "{\"action\":\"delete\",\"objects\":\"[{'Key': 'team-a/document'}]\"}");
  assert_call (DELETED, fixture, BOB, 200, "filename=team-b/k",
               "{\"action\":\"delete\",\"objects\":\"[{'Key': 'tmp/document'}]\"}");
  assert_stored (fixture, "tmp/document", bytes);
  assert_stored (fixture, "team-a/document", bytes);
  /* Others' temporary objects, by the name of the part, and by the key in the form. */
  assert_call (DELETED, fixture, BOB, 200, "filename=team-b/k",
               "{\"action\":\"delete\",\"objects\":\"[{'Key': 'tmp//tmp/part.1'}]\"}");
  assert_call (FORBIDDEN, fixture, BOB, 403, "filename=team-b/k",
               "{\"action\":\"delete\",\"objects\":\"[{'Key': '%s'}]\"}",
               form_field (fields, "key"));
  g_assert_cmpuint (count_staged (fixture), ==, 1);
  assert_call (DELETED, fixture, ALICE, 200, "filename=team-b/k",
               "{\"action\":\"delete\",\"objects\":\"[{'Key': 'prefix/%s'}]\"}",
               form_field (fields, "key"));
  g_assert_cmpuint (count_staged (fixture), ==, 0);
}

/* Rights are looked at for every key that is named, before anything is done. */
static void
test_purge_of_any_key (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *one = upload (fixture, "team-a/k", bytes);
  g_autofree char *two = upload (fixture, "team-c/k", bytes);

  assert_call (FORBIDDEN, fixture, CAROL, 403, "filename=team-c/k",
               "{\"action\":\"purge\",\"objects\":\"[{'Key': 'team-a/k'}]\"}");
  assert_call (FORBIDDEN, fixture, CAROL, 403, "filename=team-c/k",
               "{\"action\":\"purge\",\"objects\":\"[{'Key': 'team-c/k'}, {'Key': "
               "'team-a/k'}]\"}");
  g_free (call (fixture, CAROL, 400, "filename=team-c/k",
                "{\"action\":\"purge\",\"objects\":\"[{'Key': 'team-c/../team-a/k'}]\"}"));
  /* Who may not remove may not purge. */
  assert_call (FORBIDDEN, fixture, BOB, 403, "filename=team-b/k",
               "{\"action\":\"purge\",\"objects\":\"[{'Key': 'team-b/k'}]\"}");
  assert_stored (fixture, "team-a/k", bytes);
  assert_stored (fixture, "team-c/k", bytes);
  assert_call (PURGED, fixture, CAROL, 200, "filename=team-c/k",
               "{\"action\":\"purge\",\"objects\":\"[{'Key': 'team-c/k'}]\"}");
  assert_stored (fixture, "team-c/k", NULL);
}

/* A form is good for the temporary object alone, whatever the part is called. */
static void
test_geturl_for_any_key (ServerFixture *fixture, gconstpointer data)
{
  const char *names[] = { "team-a/k", "../objects/k", "..%2F..%2Fk", "k" };
  g_autoptr (GBytes) bytes = make_bytes (10, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *form = get_form (fixture, BOB, "geturl", names[i]);
      g_autoptr (JsonObject) fields = parse_form (form);
      g_auto (Reply) reply = { 0 };

      g_assert_true (g_str_has_prefix (form_field (fields, "key"), "tmp/"));
      g_assert_cmpuint (post (fixture, form, bytes), ==, 204);
      json_object_set_string_member (json_object_get_object_member (fields, "fields"), "key",
                                     "team-a/k");
      post_fields (fixture, fields, bytes, &reply);
      g_assert_cmpuint (reply.status, ==, 403);
    }
  assert_stored (fixture, "team-a", NULL);
  assert_stored (fixture, "k", NULL);
  /* Who may create nothing gets no form. */
  assert_call (FORBIDDEN, fixture, DAVE, 403, "filename=/tmp/k.1", "{\"action\":\"geturl\"}");
}

static void
test_geturls_for_any_key (ServerFixture *fixture, gconstpointer data)
{
  const char *refused[] = { "filename=team-a/k", "filename=team-bb/k", "filename=k",
                            "filename=team-b" };
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *form = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (refused) - 1; i++)
    assert_call (FORBIDDEN, fixture, BOB, 403, refused[i], "{\"action\":\"geturls\"}");
  form = get_form (fixture, BOB, "geturls", "team-b/k");
  g_assert_cmpuint (post (fixture, form, bytes), ==, 204);
  assert_stored (fixture, "team-b/k", bytes);
  /* And no replacing by who may not, neither with a new form nor with the same again. */
  assert_call (EXISTS, fixture, BOB, 401, "filename=team-b/k", "{\"action\":\"geturls\"}");
  g_assert_cmpuint (post (fixture, form, bytes), ==, 412);
  assert_call (EXISTS, fixture, ALICE, 401, "filename=team-b/k",
               "{\"action\":\"geturls\",\"overwrite\":\"NO\"}");
  assert_call (FORBIDDEN, fixture, BOB, 403, "filename=team-b/k",
               "{\"action\":\"geturls\",\"overwrite\":\"YES\"}");
}

static StreamerSeal *
get_seal (ServerFixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->root, "server.key", NULL);
  g_autofree char *key = NULL;

  g_assert_true (g_file_get_contents (path, &key, NULL, NULL));
  return streamer_seal_new ((const guint8 *) key);
}

static guint
post_granted (ServerFixture *fixture, guint64 max_size, gint64 expires, GBytes *bytes, char **code)
{
  g_autoptr (StreamerSeal) seal = get_seal (fixture);
  StreamerPostGrant grant = { .key = (char *) "tmp/name",
                              .principal = (char *) "alice",
                              .is_staged = TRUE,
                              .max_size = max_size,
                              .max_staged = G_MAXINT64,
                              .expires = expires };
  g_auto (GStrv) fields = streamer_post_grant_sign (seal, &grant);
  g_autoptr (JsonObject) form = json_object_new ();
  JsonObject *object = json_object_new ();
  g_auto (Reply) reply = { 0 };
  const char *body;

  for (gsize i = 0; fields[i]; i += 2)
    json_object_set_string_member (object, fields[i], fields[i + 1]);
  json_object_set_string_member (form, "url", "/posts");
  json_object_set_object_member (form, "fields", object);
  post_fields (fixture, form, bytes, &reply);
  body = strstr (g_bytes_get_data (reply.body, NULL), "<Code>");
  *code = body ? g_strndup (body + 6, strcspn (body + 6, "<")) : NULL;
  return reply.status;
}

static void
test_no_size_limit (ServerFixture *fixture, gconstpointer data)
{
  gint64 later = g_get_real_time () / G_USEC_PER_SEC + 60;
  const gsize sizes[] = { 11, 100000 };
  g_autoptr (GBytes) fits = make_bytes (10, 1);
  g_autofree char *form = get_form (fixture, ALICE, "geturl", "/tmp/k.1");
  g_autofree char *finals = get_form (fixture, ALICE, "geturls", "k");
  g_autofree char *none = NULL, *expired = NULL;
  const char *forms[] = { form, finals };

  g_assert_cmpuint (post_granted (fixture, 10, later, fits, &none), ==, 204);
  g_assert_cmpuint (count_staged (fixture), ==, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) bytes = make_bytes (sizes[i], 1);
      g_autofree char *code = NULL;

      g_assert_cmpuint (post_granted (fixture, 10, later, bytes, &code), ==, 400);
      g_assert_cmpstr (code, ==, "EntityTooLarge");
      g_assert_cmpuint (count_staged (fixture), ==, 1);
    }
  g_assert_cmpuint (post_granted (fixture, 10, later - 61, fits, &expired), ==, 403);
  g_assert_cmpstr (expired, ==, "AccessDenied");
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (JsonObject) fields = parse_form (forms[i]);
      gsize length;
      g_autofree guchar *policy = g_base64_decode (form_field (fields, "policy"), &length);
      g_autofree char *text = g_strndup ((const char *) policy, length);

      g_assert_nonnull (strstr (text, "\"max_size\":5368709120"));
    }
}

static void
test_add_of_anybodys_temporary_object (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *form = get_form (fixture, ALICE, "geturl", "/tmp/part.1");
  g_autoptr (JsonObject) fields = parse_form (form);
  g_autofree char *id = create (fixture, BOB, "team-b/k", 10, "NO");
  const char *key = form_field (fields, "key");
  const char *names[] = { "/tmp/part.1", key, key + strlen ("tmp/"), "../staged/part.1" };

  g_assert_cmpuint (post (fixture, form, bytes), ==, 204);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    g_free (call (fixture, BOB, 404, "filename=team-b/k",
                  "{\"action\":\"add\",\"uploadid\":\"%s\",\"partname\":\"%s\",\"partnumber\":"
                  "\"1\"}",
                  id, names[i]));
  g_assert_cmpuint (count_staged (fixture), ==, 1);
}

static void
test_upload_ids_bound_to_nobody (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *id = create (fixture, ALICE, "team-b/k", 10, "NO");
  g_autofree char *flipped = g_strdup (id);
  const char *ids[] = { id, flipped, "", "x" };

  flipped[20] = flipped[20] == 'A' ? 'B' : 'A';
  send_part (fixture, BOB, "/tmp/part.1", bytes);
  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      assert_call ("There is no such upload.", fixture, BOB, 404, "filename=team-b/k",
                   "{\"action\":\"add\",\"uploadid\":\"%s\",\"partname\":\"/tmp/part.1\","
                   "\"partnumber\":\"1\"}",
                   ids[i]);
      assert_call ("There is no such upload.", fixture, BOB, 404, "filename=team-b/k",
                   "{\"action\":\"complete\",\"uploadid\":\"%s\",\"parts\":\"[]\"}", ids[i]);
      assert_call ("There is no such upload.", fixture, BOB, 404, "filename=team-b/k",
                   "{\"action\":\"abort\",\"uploadid\":\"%s\"}", ids[i]);
    }
  /* It is still there for who began it. */
  assert_call ("Multipart upload aborted.", fixture, ALICE, 200, "filename=team-b/k",
               "{\"action\":\"abort\",\"uploadid\":\"%s\"}", id);
  /* The key is the upload's, whatever the query says. */
  g_free (id);
  id = create (fixture, ALICE, "team-b/l", 0, "NO");
  assert_call (COMPLETED, fixture, ALICE, 200, "filename=team-a/l",
               "{\"action\":\"complete\",\"uploadid\":\"%s\",\"parts\":\"[]\"}", id);
  assert_stored (fixture, "team-a", NULL);
}

static void
test_bare_prefix_test (ServerFixture *fixture, gconstpointer data)
{
  const char *outside[] = { "team-bb/k", "team-b.txt", "team-", "team-B/k", "x/team-b/k" };
  const char *actions[] = { "create", "geturls" };
  g_autofree char *inside = create (fixture, BOB, "team-b/k", 1, "NO");

  for (gsize i = 0; i < G_N_ELEMENTS (outside); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (actions); j++)
      {
        g_autofree char *query = g_strconcat ("filename=", outside[i], NULL);

        assert_call (FORBIDDEN, fixture, BOB, 403, query,
                     "{\"action\":\"%s\",\"filesize\":\"1\",\"overwrite\":\"NO\"}", actions[j]);
      }
}

static void
test_strings_evaluated_as_python (ServerFixture *fixture, gconstpointer data)
{
  const char *evil[] = {
    "__import__('os').system('touch evil')",
    "[__import__('os').system('touch evil')]",
    "[{'Key': __import__('os').getcwd()}]",
    "[{'Key': 'tmp/' + 'a'}]",
    "[{'Key': f'{1}'}]",
    "[{'Key': 'tmp/a'} for a in [1]]",
    "[{'Key': 'tmp/a'}] * 1000000000",
    "9**9**9",
    "lambda: 0",
    "{'Key': 'tmp/a'}",
    "[['tmp/a']]",
    "['tmp/a']",
    "",
    "None",
  };
  g_autofree char *id = create (fixture, ALICE, "k", 0, "NO");
  g_autofree char *deep = g_strnfill (100000, '[');

  for (gsize i = 0; i < G_N_ELEMENTS (evil); i++)
    {
      g_free (call (fixture, ALICE, 400, "filename=k", "{\"action\":\"delete\",\"objects\":\"%s\"}",
                    evil[i]));
      g_free (call (fixture, ALICE, 400, "filename=k", "{\"action\":\"purge\",\"objects\":\"%s\"}",
                    evil[i]));
      g_free (call (fixture, ALICE, 400, "filename=k",
                    "{\"action\":\"complete\",\"uploadid\":\"%s\",\"parts\":\"%s\"}", id, evil[i]));
    }
  g_free (
      call (fixture, ALICE, 400, "filename=k", "{\"action\":\"delete\",\"objects\":\"%s\"}", deep));
  assert_stored (fixture, "k", NULL);
}

static void
test_what_was_sent_is_what_is_completed (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autoptr (GBytes) other = make_bytes (10, 2);
  g_autofree char *id = create (fixture, ALICE, "k", 10, "NO");
  g_autofree char *right = list_part (bytes, 1), *wrong = list_part (other, 1);
  g_autofree char *second = list_part (bytes, 2);
  g_autofree char *more = g_strconcat (right, ", ", second, NULL);
  const char *refused[] = { "", wrong, second, more };

  send_part (fixture, ALICE, "/tmp/k.1", bytes);
  assert_call (ADDED, fixture, ALICE, 200, "filename=k",
               "{\"action\":\"add\",\"uploadid\":\"%s\",\"partname\":\"/tmp/k.1\",\"partnumber\":"
               "\"1\"}",
               id);
  for (gsize i = 0; i < G_N_ELEMENTS (refused); i++)
    g_free (call (fixture, ALICE, 422, "filename=k",
                  "{\"action\":\"complete\",\"uploadid\":\"%s\",\"parts\":\"[%s]\"}", id,
                  refused[i]));
  /* A part that is there is not exchanged for another one. */
  send_part (fixture, ALICE, "/tmp/k.1", other);
  g_free (call (fixture, ALICE, 400, "filename=k",
                "{\"action\":\"add\",\"uploadid\":\"%s\",\"partname\":\"/tmp/k.1\","
                "\"partnumber\":\"1\"}",
                id));
  assert_call (COMPLETED, fixture, ALICE, 200, "filename=k",
               "{\"action\":\"complete\",\"uploadid\":\"%s\",\"parts\":\"[%s]\"}", id, right);
  assert_stored (fixture, "k", bytes);
  g_free (
      call (fixture, ALICE, 404, "filename=k", "{\"action\":\"abort\",\"uploadid\":\"%s\"}", id));
}

/* Room is kept for what was said at the start, and for no more. */
static void
test_parts_are_not_larger_than_said (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *id = create (fixture, ALICE, "k", 15, "NO");
  g_autofree char *first = list_part (bytes, 1);

  send_part (fixture, ALICE, "/tmp/k.1", bytes);
  send_part (fixture, ALICE, "/tmp/k.2", bytes);
  assert_call (ADDED, fixture, ALICE, 200, "filename=k",
               "{\"action\":\"add\",\"uploadid\":\"%s\",\"partname\":\"/tmp/k.1\",\"partnumber\":"
               "\"1\"}",
               id);
  assert_call ("The parts are larger than their document.", fixture, ALICE, 400, "filename=k",
               "{\"action\":\"add\",\"uploadid\":\"%s\",\"partname\":\"/tmp/k.2\",\"partnumber\":"
               "\"2\"}",
               id);
  g_free (call (fixture, ALICE, 422, "filename=k",
                "{\"action\":\"complete\",\"uploadid\":\"%s\",\"parts\":\"[%s]\"}", id, first));
}

/* Changes the server's database while it does not run. */
static void
change_database (ServerFixture *fixture, const char *sql)
{
  g_autofree char *path = g_build_filename (fixture->root, "state.db", NULL);
  sqlite3 *database;

  g_clear_pointer (&fixture->server, streamer_server_free);
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (database);
  server_fixture_restart (fixture);
}

static void
test_temporary_objects_go_after_a_day (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);

  send_part (fixture, ALICE, "/tmp/old.1", bytes);
  change_database (fixture, "UPDATE staged SET created = created - 24 * 60 * 60 + 60");
  g_assert_cmpuint (count_staged (fixture), ==, 1);
  change_database (fixture, "UPDATE staged SET created = created - 120");
  g_assert_cmpuint (count_staged (fixture), ==, 0);
}

static void
test_temporary_objects_are_counted (ServerFixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = make_bytes (10, 1);
  g_autofree char *form = get_form (fixture, ALICE, "geturl", "/tmp/k.1");
  g_autofree char *bobs = NULL;

  change_database (fixture,
                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                   "10000) INSERT INTO staged (name, principal, file, size, crc32, etag, boot, "
                   "created) SELECT i, 'alice', i, 0, 0, '', '', 9999999999 FROM n");
  g_free (call (fixture, ALICE, 507, "filename=/tmp/k.2", "{\"action\":\"geturl\"}"));
  g_assert_cmpuint (post (fixture, form, bytes), ==, 507);
  bobs = get_form (fixture, BOB, "geturl", "/tmp/k.1");
  g_assert_cmpuint (post (fixture, bobs, bytes), ==, 204);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/request-v1/" name, ServerFixture, NULL, server_fixture_set_up, function,           \
              server_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("parts-become-a-document", test_parts_become_a_document);
  ADD ("both-versions-side-by-side", test_both_versions_side_by_side);
  ADD ("numbers-are-strings", test_numbers_are_strings);
  ADD ("keys-have-one-form", test_keys_have_one_form);
  ADD ("what-was-sent-is-what-is-completed", test_what_was_sent_is_what_is_completed);
  ADD ("parts-are-not-larger-than-said", test_parts_are_not_larger_than_said);
  ADD ("temporary-objects-go-after-a-day", test_temporary_objects_go_after_a_day);
  ADD ("temporary-objects-are-counted", test_temporary_objects_are_counted);
  /* The weaknesses of the backends of its time, by their names. */
  ADD ("weakness/any-client-may-delete-any-key", test_delete_of_any_key);
  ADD ("weakness/any-client-may-purge-any-key", test_purge_of_any_key);
  ADD ("weakness/geturl-signs-any-key", test_geturl_for_any_key);
  ADD ("weakness/geturls-signs-any-key", test_geturls_for_any_key);
  ADD ("weakness/no-size-limit", test_no_size_limit);
  ADD ("weakness/add-copies-anybodys-temporary-object", test_add_of_anybodys_temporary_object);
  ADD ("weakness/upload-ids-are-bound-to-nobody", test_upload_ids_bound_to_nobody);
  ADD ("weakness/bare-prefix-test", test_bare_prefix_test);
  ADD ("weakness/client-strings-are-evaluated-as-python", test_strings_evaluated_as_python);
  return g_test_run ();
}
