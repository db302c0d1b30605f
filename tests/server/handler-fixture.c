/* handler-fixture.c: the request API without HTTP
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "handler-fixture.h"

#include <string.h>

#include "server-fixture.h"
#include "streamer-folder-storage.h"
#include "streamer-json.h"
#include "streamer-metered-storage.h"
#include "streamer-storage-config.h"
#include "streamer-url-signer.h"

static gint64 time_now = G_USEC_PER_SEC;

static gint64
get_time (void)
{
  return time_now;
}

void
handler_fixture_pass (gdouble seconds)
{
  time_now += (gint64) (seconds * G_USEC_PER_SEC);
}

static void
open_storage (HandlerFixture *fixture)
{
  StreamerStorageConfig config = { .kind = (char *) "folder", .root = fixture->root };
  g_autofree char *path = g_build_filename (fixture->root, "ledger.db", NULL);
  g_autoptr (GError) error = NULL;
  StreamerLedger *ledger;

  fixture->folder = streamer_storage_open (&config, fixture->seal, &error);
  g_assert_no_error (error);
  ledger = streamer_ledger_open (path, &error);
  g_assert_no_error (error);
  fixture->storage = streamer_metered_storage_new (fixture->folder, ledger, fixture->policy);
}

void
handler_fixture_set_up (HandlerFixture *fixture, gconstpointer data)
{
  const guint8 key[STREAMER_SEAL_KEY_BYTES] = { 1, 2, 3 };
  g_autoptr (GError) error = NULL;

  fixture->root = g_dir_make_tmp ("streamer-handler-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->audit_path = g_build_filename (fixture->root, "audit.log", NULL);
  fixture->policy = streamer_policy_new ();
  fixture->seal = streamer_seal_new (key);
  open_storage (fixture);
  fixture->audit = streamer_audit_new (fixture->audit_path, &error);
  g_assert_no_error (error);
  fixture->handler =
      streamer_request_handler_new (fixture->policy, fixture->storage, fixture->seal);
  streamer_request_handler_set_audit (fixture->handler, fixture->audit);
  streamer_request_handler_set_clock (fixture->handler, get_time);
}

void
handler_fixture_tear_down (HandlerFixture *fixture, gconstpointer data)
{
  streamer_request_handler_free (fixture->handler);
  streamer_audit_free (fixture->audit);
  g_object_unref (fixture->storage);
  g_object_unref (fixture->folder);
  streamer_seal_free (fixture->seal);
  streamer_policy_free (fixture->policy);
  remove_tree (fixture->root);
  g_free (fixture->audit_path);
  g_free (fixture->root);
}

void
handler_fixture_add (HandlerFixture *fixture,
                     const char *name,
                     const char *token,
                     const char *const *prefixes,
                     StreamerRights rights,
                     const StreamerAllowance *allowance)
{
  g_autoptr (StreamerPrincipal) principal =
      streamer_principal_new (name, prefixes, rights, allowance);
  StreamerTokenHash hash;

  streamer_token_hash_compute (token, &hash);
  g_assert_true (streamer_policy_add_token (fixture->policy, principal, &hash));
}

JsonObject *
handler_fixture_call (HandlerFixture *fixture,
                      const char *token,
                      const char *filename,
                      JsonNode *body,
                      int *retry_after)
{
  g_autofree char *authorization = token ? g_strconcat ("Bearer ", token, NULL) : NULL;
  g_autofree char *text = json_to_string (body, FALSE);
  g_auto (StreamerApiAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = NULL;
  StreamerApiCall call = {
    .authorization = authorization,
    .remote = "192.0.2.7",
    .origin = "http://a",
    .filename = filename,
    .body = text,
    .length = strlen (text),
  };

  streamer_request_handler_handle (fixture->handler, &call, &answer);
  if (retry_after)
    *retry_after = answer.retry_after;
  root = streamer_json_parse (answer.body, strlen (answer.body), &error);
  g_assert_no_error (error);
  g_assert_cmpint (api_code (json_node_get_object (root)), ==, answer.status);
  return json_object_ref (json_node_get_object (root));
}

JsonObject *
handler_fixture_api (HandlerFixture *fixture, const char *token, const char *body, ...)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  va_list arguments;

  va_start (arguments, body);
  text = g_strdelimit (g_strdup_vprintf (body, arguments), "'", '"');
  va_end (arguments);
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  return handler_fixture_call (fixture, token, NULL, node, NULL);
}

void
handler_fixture_put (HandlerFixture *fixture, const char *url, gsize size)
{
  const char *path = strchr (url + strlen ("http://"), '/');
  g_auto (GStrv) pieces = g_strsplit (path, "?", 2);
  StreamerHttpRequest request = { .method = (char *) "PUT", .path = pieces[0], .query = pieces[1] };
  g_auto (StreamerPartGrant) grant = { 0 };
  g_autoptr (StreamerPartSink) sink = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GBytes) bytes = make_bytes (size, 1);
  g_autofree char *etag = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (streamer_url_signer_check_part (fixture->seal, &request, &grant, &error));
  sink = streamer_folder_storage_open_part (STREAMER_FOLDER_STORAGE (fixture->folder), &grant,
                                            cancellable, &error);
  g_assert_no_error (error);
  g_assert_true (streamer_part_sink_write (sink, g_bytes_get_data (bytes, NULL), size, &error));
  etag = streamer_part_sink_commit (sink, &error);
  g_assert_no_error (error);
}

GPtrArray *
handler_fixture_read_audit (HandlerFixture *fixture)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_autofree char *text = NULL;
  g_auto (GStrv) pieces = NULL;

  g_assert_true (g_file_get_contents (fixture->audit_path, &text, NULL, NULL));
  pieces = g_strsplit (text, "\n", -1);
  for (gsize i = 0; pieces[i] && *pieces[i]; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = streamer_json_parse (pieces[i], strlen (pieces[i]), &error);

      g_assert_no_error (error);
      g_ptr_array_add (lines, json_object_ref (json_node_get_object (node)));
    }
  return lines;
}
