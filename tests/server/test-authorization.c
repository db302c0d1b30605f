/* test-authorization.c: who may do what, case by case, against what the documents say
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cases are generated: some of all, and many by chance (--seed goes on with the same ones). Each is
 * asked of the request API, and judged by an oracle that knows nothing of the server.
 */

#include <stdio.h>
#include <string.h>

#include "authorization-trial.h"
#include "server-fixture.h"
#include "streamer-json.h"

#define MAX_TOLD 10
#define PER_FORM 8

/* It is about who may do what, and not about what a power cut leaves: nothing waits for the disk. */
int
fsync (int file)
{
  return 0;
}

int
fdatasync (int file)
{
  return 0;
}

static const char *const prefix_sets[][3] = {
  { "", NULL },
  { "team-a", NULL },
  { "team-ab", NULL },
  { "team-b", "public/in", NULL },
  { "gr\303\274\303\237e", NULL },
  { "team-a/below", NULL },
  { NULL },
};

static JwtKey *jwt_key, *other_jwt_key;

typedef struct
{
  HandlerFixture handler;
  char *jwks;
  gboolean wants_api_key;
  long audit_offset; /* what was looked at */
  guint n_cases;
  guint n_wrong;
} Fixture;

static char *
make_name (guint rights, guint prefix_set)
{
  return g_strdup_printf ("somebody-%02u-%u", rights, prefix_set);
}

static StreamerOidc *
make_oidc (const char *path)
{
  g_auto (StreamerClaimRules) rules = { 0 };

  rules.issuer = g_strdup (TRIAL_ISSUER);
  rules.audience = g_strsplit (TRIAL_AUDIENCE, ";", -1);
  rules.audience_claims = g_strsplit ("aud", ";", -1);
  rules.prefixes_claim = g_strdup ("folders");
  rules.rights_claim = g_strdup ("scope");
  rules.allowance = streamer_allowance_unlimited;
  return streamer_oidc_new (&rules, STREAMER_JWT_ES256, streamer_key_source_new_file (path));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  static const StreamerRights bits[] = { STREAMER_RIGHT_CREATE, STREAMER_RIGHT_OVERWRITE,
                                         STREAMER_RIGHT_REMOVE, STREAMER_RIGHT_LINK };
  g_autofree char *key = jwt_key_describe (jwt_key, "");
  g_autofree char *set = g_strdup_printf ("{\"keys\":[%s]}", key);

  handler_fixture_set_up (&fixture->handler, NULL);
  streamer_request_handler_set_failure_rate (fixture->handler.handler, 0);
  fixture->jwks = g_build_filename (fixture->handler.root, "jwks.json", NULL);
  g_assert_true (g_file_set_contents (fixture->jwks, set, -1, NULL));
  streamer_policy_set_oidc (fixture->handler.policy, make_oidc (fixture->jwks));
  for (guint i = 0; i < N_RIGHTS; i++)
    for (guint j = 0; j < G_N_ELEMENTS (prefix_sets); j++)
      {
        g_autofree char *name = make_name (i, j);
        g_autofree char *token = g_strconcat (name, "-token", NULL);
        StreamerRights rights = 0;

        for (gsize k = 0; k < G_N_ELEMENTS (bits); k++)
          rights |= i & (1 << k) ? bits[k] : 0;
        handler_fixture_add (&fixture->handler, name, token, prefix_sets[j], rights,
                             &streamer_allowance_unlimited);
      }
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->jwks);
  handler_fixture_tear_down (&fixture->handler, NULL);
}

/* -- what is answered */

static const char *
get_code (JsonObject *object)
{
  if (!json_object_has_member (object, "error"))
    return NULL;
  return json_object_get_string_member (json_object_get_object_member (object, "error"), "code");
}

/* What old clients are told, word by word. */
static gboolean
is_old_text (const Trial *trial, const OracleVerdict *verdict, JsonObject *envelope)
{
  const char *text = json_object_get_string_member (envelope, "status");

  if (g_strcmp0 (verdict->code, "forbidden") == 0)
    return strcmp (text, "No access to the specified path.") == 0;
  if (g_strcmp0 (verdict->code, "exists") == 0)
    return strcmp (text, "Document already exists and overwrite is not set.") == 0;
  if (g_strcmp0 (verdict->code, "not_found") == 0 &&
      strcmp (trial->asked.action->name, "purge") == 0)
    return strcmp (text, "Document does not exist and therefore cannot be purged.") == 0;
  return *text != '\0';
}

static gboolean
is_refused_well (const Trial *trial, const OracleVerdict *verdict, JsonObject *envelope)
{
  JsonNode *status = json_object_get_member (envelope, "status");
  const char *code;

  if (status && JSON_NODE_HOLDS_ARRAY (status))
    {
      JsonArray *items = json_node_get_array (status);
      JsonObject *item = json_array_get_object_element (items, 0);

      return json_array_get_length (items) == 1 && json_object_get_size (item) == 2 &&
             json_object_get_int_member (item, "status_code") == verdict->status &&
             g_strcmp0 (get_code (item), verdict->code) == 0;
    }
  code = get_code (envelope);
  /* Before it is known which version somebody speaks, the answer is one of version 2. */
  if (trial->asked.action->version == 1 && !code)
    return json_object_get_size (envelope) == 3 && is_old_text (trial, verdict, envelope);
  return g_strcmp0 (code, verdict->code) == 0 && !strstr (json_node_get_string (status), "http");
}

static JsonObject *
get_result (const Trial *trial, JsonObject *envelope)
{
  if (trial->as_item)
    return json_array_get_object_element (json_object_get_array_member (envelope, "status"), 0);
  return json_object_get_object_member (envelope, "status");
}

static gboolean
is_link_to (JsonObject *result, const char *key)
{
  const char *url = json_object_get_string_member_with_default (result, "url", NULL);
  g_autofree char *escaped = g_uri_escape_string (key, "/", FALSE);
  g_autofree char *expected = g_strconcat ("http://a/downloads/", escaped, "?", NULL);

  return url && g_str_has_prefix (url, expected);
}

/* What an answer gives is for what was asked. Gives up what was begun. */
static gboolean
is_done_well (Fixture *fixture,
              const Trial *trial,
              const char *principal,
              const OracleVerdict *verdict,
              JsonObject *envelope)
{
  const OracleCase *asked = &trial->asked;
  const char *name = asked->action->name;
  JsonObject *result;

  if (asked->action->version == 1)
    {
      const char *text = json_object_get_string_member (envelope, "status");

      if (strcmp (name, "create") == 0)
        world_cancel (&fixture->handler, principal, text);
      if (strcmp (name, "geturls") == 0)
        return strstr (text, "'key': ") != NULL;
      return json_object_get_size (envelope) == 3;
    }
  if (strcmp (name, "presign") == 0 || strcmp (name, "parts") == 0)
    return JSON_NODE_HOLDS_ARRAY (json_object_get_member (envelope, "status"));
  result = get_result (trial, envelope);
  if (strcmp (name, "begin") == 0)
    world_cancel (&fixture->handler, principal,
                  json_object_get_string_member (result, "upload_id"));
  if (strcmp (name, "stat") == 0)
    return json_object_get_boolean_member (result, "exists") == asked->exists &&
           is_link_to (result, asked->key) == (asked->exists && verdict->tells_link);
  if (strcmp (name, "finish") == 0)
    return is_link_to (result, asked->upload_key) == verdict->tells_link;
  return strcmp (name, "link") != 0 || is_link_to (result, asked->key);
}

/* What was written since this was asked before. Returns: (transfer full) (nullable): a line; NULL
 * unless it is one */
static JsonNode *
read_audit (Fixture *fixture)
{
  FILE *file = fopen (fixture->handler.audit_path, "r");
  char text[16384];
  gsize length;
  const char *end;

  g_assert_nonnull (file);
  g_assert_cmpint (fseek (file, fixture->audit_offset, SEEK_SET), ==, 0);
  length = fread (text, 1, sizeof text, file);
  fclose (file);
  fixture->audit_offset += length;
  end = memchr (text, '\n', length);
  return end == text + length - 1 ? streamer_json_parse (text, length - 1, NULL) : NULL;
}

static gboolean
is_audited (Fixture *fixture, const OracleVerdict *verdict)
{
  g_autoptr (JsonNode) node = read_audit (fixture);
  JsonObject *line = node ? json_node_get_object (node) : NULL;

  return line &&
         strcmp (json_object_get_string_member (line, "outcome"),
                 verdict->code ? verdict->code : "done") == 0 &&
         json_object_get_int_member (line, "status") == verdict->status;
}

/* -- a case */

static void
tell (Fixture *fixture, const Trial *trial, const OracleVerdict *verdict, JsonObject *envelope)
{
  const OracleCase *asked = &trial->asked;
  g_autofree char *key = trial_quote (trial->key->str, trial->key->len);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *answer = NULL;

  json_node_set_object (node, envelope);
  answer = json_to_string (node, FALSE);
  if (fixture->n_wrong++ < MAX_TOLD)
    g_test_message (
        "WRONG: %s%s, principal %s, bearer %d, key %s (exists %d), replace %d, upload %d "
        "of %s (replaces %d, exists %d), staged %d, API key %d: %u %s expected, got %s",
        asked->action->name, trial->as_item ? " (item)" : "", trial->name, asked->bearer, key,
        asked->exists, asked->replace, asked->upload, asked->upload_key, asked->upload_replaces,
        asked->upload_exists, asked->staged, fixture->wants_api_key, verdict->status,
        verdict->code ? verdict->code : "done", answer);
}

static gboolean
is_right (Fixture *fixture,
          const Trial *trial,
          const char *principal,
          const OracleVerdict *verdict,
          guint status,
          JsonObject *envelope)
{
  /* Of many items, each has a status of its own. */
  JsonNode *node = json_object_get_member (envelope, "status");
  guint expected = trial->as_item && JSON_NODE_HOLDS_ARRAY (node) ? 200 : verdict->status;

  if (status != expected || json_object_get_int_member (envelope, "status_code") != expected)
    return FALSE;
  if (verdict->code)
    return is_refused_well (trial, verdict, envelope);
  return is_done_well (fixture, trial, principal, verdict, envelope);
}

static void
try_case (Fixture *fixture, Trial *trial)
{
  OracleVerdict verdict = oracle_judge (&trial->asked);
  g_autofree char *principal = oracle_bearer_is_provided (trial->asked.bearer)
                                   ? g_strconcat (TRIAL_ISSUER "|", trial->name, NULL)
                                   : g_strdup (trial->name);
  g_auto (Snapshot) before = { 0 };
  g_auto (Snapshot) after = { 0 };
  g_autoptr (JsonObject) envelope = NULL;
  gboolean good;
  guint status;

  world_begin (&fixture->handler, &trial->world, principal, &trial->asked);
  if (trial->asked.exists && trial->asked.is_canonical)
    world_put (&fixture->handler, trial->asked.key);
  if (trial->asked.upload_exists)
    world_put (&fixture->handler, trial->asked.upload_key);
  snapshot_take (&fixture->handler, &before);
  envelope = trial_ask (trial, fixture->handler.handler, jwt_key, other_jwt_key, &status);
  snapshot_take (&fixture->handler, &after);
  good = snapshot_is_followed (&before, &after, &trial->asked, &verdict);
  good = is_audited (fixture, &verdict) && good;
  good = is_right (fixture, trial, principal, &verdict, status, envelope) && good;
  if (!good)
    tell (fixture, trial, &verdict, envelope);
  fixture->n_cases++;
  world_end (&fixture->handler, &trial->world);
  world_reset (&fixture->handler);
}

/* -- which cases */

static const char *
get_home (guint prefix_set)
{
  const char *first = prefix_sets[prefix_set][0];

  return first && *first ? first : "team-a";
}

/* What a text is where slashes at its ends do not count. */
static char *
trim (const char *text, guint version)
{
  char *key = g_strdup (text + (version == 1 ? strspn (text, "/") : 0));

  for (gsize length = strlen (key); version == 1 && length > 0 && key[length - 1] == '/'; length--)
    key[length - 1] = '\0';
  return key;
}

static gboolean
is_in_body (const OracleAction *action)
{
  return action->version == 2 || strcmp (action->name, "purge") == 0;
}

/* Returns: FALSE where it cannot be asked */
static gboolean
apply_form (Trial *trial, const KeyForm *form)
{
  const OracleAction *action = trial->asked.action;

  trial->key = key_form_expand (form, get_home (trial->prefix_set));
  trial->asked.is_canonical = action->version == 1 ? form->is_good_in_v1 : form->is_good;
  trial->asked.breaks_request =
      (form->has_nul || !g_utf8_validate_len (trial->key->str, trial->key->len, NULL)) &&
      (is_in_body (action) || trial->asked.staged == STAGED_DOCUMENT);
  if (action->subject == SUBJECT_PART_NAME && (*trial->key->str == '\0' || form->has_nul))
    return FALSE;
  /* A query has no NUL in it. */
  return !form->has_nul || trial->asked.breaks_request;
}

static OracleBearer
choose_bearer (const Fixture *fixture)
{
  OracleBearer bearer;

  if (g_test_rand_int_range (0, 10) < 6)
    return BEARER_RIGHT;
  do
    bearer = g_test_rand_int_range (0, N_BEARERS);
  while (!fixture->wants_api_key &&
         (bearer == BEARER_API_KEY_MISSING || bearer == BEARER_API_KEY_WRONG));
  return bearer;
}

static OracleUpload
choose_upload (const OracleAction *action)
{
  OracleUpload upload = g_test_rand_bit () ? UPLOAD_OWN : g_test_rand_int_range (0, N_UPLOADS);
  gboolean is_presign = strcmp (action->name, "presign") == 0;

  /* Each version goes on with what it can; and who is given leave to send a part of an upload that
   * has ended cannot use it. */
  if ((upload == UPLOAD_OTHER_VERSION && action->version == 2 && !is_presign) ||
      (upload == UPLOAD_ENDED && is_presign))
    return UPLOAD_FOREIGN;
  return upload;
}

static const char *
choose_upload_key (guint prefix_set, char **key)
{
  static const char *const kinds[] = { "%s/u", "%s/u", "%s/u", "%s/below/u", "%sb/u", "u/%s" };
  const char *kind = kinds[g_test_rand_int_range (0, G_N_ELEMENTS (kinds))];
  g_auto (GStrv) pieces = g_strsplit (kind, "%s", 2);

  *key = g_strconcat (pieces[0], get_home (prefix_set), pieces[1], NULL);
  return *key;
}

/* @rights, @prefix_set: or -1 for any */
static void
try_by_chance (Fixture *fixture,
               const OracleAction *action,
               const KeyForm *form,
               int rights,
               int prefix_set,
               OracleBearer bearer)
{
  g_autofree char *upload_key = NULL, *key = NULL;
  Trial trial = { .asked = { .action = action, .bearer = bearer },
                  .wants_api_key = fixture->wants_api_key };
  OracleCase *asked = &trial.asked;

  asked->rights = rights < 0 ? (guint) g_test_rand_int_range (0, N_RIGHTS) : (guint) rights;
  trial.prefix_set =
      prefix_set < 0 ? g_test_rand_int_range (0, G_N_ELEMENTS (prefix_sets)) : prefix_set;
  asked->prefixes = prefix_sets[trial.prefix_set];
  trial.name = make_name (asked->rights, trial.prefix_set);
  asked->replace = g_test_rand_int_range (0, N_REPLACES);
  asked->upload = choose_upload (action);
  asked->upload_key = choose_upload_key (trial.prefix_set, &upload_key);
  asked->upload_replaces = g_test_rand_int_range (0, 4) == 0;
  asked->upload_exists = action->subject == SUBJECT_UPLOAD && g_test_rand_int_range (0, 3) == 0;
  asked->staged = g_test_rand_int_range (0, N_STAGED);
  if (action->subject != SUBJECT_STAGED)
    asked->staged = g_test_rand_bit () ? STAGED_OWN : STAGED_FOREIGN;
  trial.as_item = action->in_items && g_test_rand_bit ();
  if (apply_form (&trial, form))
    {
      asked->key = key = trim (trial.key->str, action->version);
      if (asked->is_canonical && action->subject == SUBJECT_KEY)
        asked->exists = world_has (&fixture->handler, key) || g_test_rand_bit ();
      try_case (fixture, &trial);
    }
  g_string_free (trial.key, TRUE);
  g_free (trial.name);
}

/* Each action, with each form of a key. */
static void
try_forms (Fixture *fixture)
{
  for (guint i = 0; i < oracle_n_actions; i++)
    for (gsize j = 0; j < n_key_forms; j++)
      for (guint k = 0; k < PER_FORM; k++)
        try_by_chance (fixture, &oracle_actions[i], &key_forms[j], -1, -1, choose_bearer (fixture));
}

/* Each action, with each set of rights and of prefixes; at home, and next door. */
static void
try_principals (Fixture *fixture)
{
  for (guint i = 0; i < oracle_n_actions; i++)
    for (guint rights = 0; rights < N_RIGHTS; rights++)
      for (gsize j = 0; j < G_N_ELEMENTS (prefix_sets); j++)
        try_by_chance (fixture, &oracle_actions[i], &key_forms[rights % 4], rights, j,
                       g_test_rand_bit () ? BEARER_RIGHT : BEARER_JWT);
}

/* Each action, with everything that a token can be. */
static void
try_bearers (Fixture *fixture)
{
  for (guint i = 0; i < oracle_n_actions; i++)
    for (guint bearer = 0; bearer < N_BEARERS; bearer++)
      if (fixture->wants_api_key || bearer < BEARER_API_KEY_MISSING)
        try_by_chance (fixture, &oracle_actions[i], &key_forms[0], N_RIGHTS - 1, 1, bearer);
}

static void
assert_right (Fixture *fixture, guint n_cases)
{
  g_test_message ("%u cases, %u wrong", fixture->n_cases, fixture->n_wrong);
  g_assert_cmpuint (fixture->n_cases, >=, n_cases);
  g_assert_cmpuint (fixture->n_wrong, ==, 0);
}

static void
test_matrix (Fixture *fixture, gconstpointer data)
{
  world_reset (&fixture->handler);
  try_forms (fixture);
  try_principals (fixture);
  try_bearers (fixture);
  assert_right (fixture, 5000);
}

static void
test_matrix_with_api_keys (Fixture *fixture, gconstpointer data)
{
  StreamerTokenHash hash;

  streamer_token_hash_compute (TRIAL_API_KEY, &hash);
  streamer_policy_add_api_key (fixture->handler.policy, &hash);
  fixture->wants_api_key = TRUE;
  world_reset (&fixture->handler);
  for (guint i = 0; i < PER_FORM; i++)
    try_bearers (fixture);
  assert_right (fixture, 2000);
}

/* -- lists */

static void
ask_for_list (Fixture *fixture, const char *action, const char *objects, guint expected)
{
  g_autofree char *body =
      g_strdup_printf ("{\"action\":\"%s\",\"objects\":\"%s\"}", action, objects);
  g_auto (StreamerApiAnswer) answer = { 0 };
  /* All rights, below team-a. */
  StreamerApiCall call = { .authorization = "Bearer somebody-15-1-token",
                           .origin = "http://a",
                           .filename = "team-a",
                           .body = body,
                           .length = strlen (body) };

  streamer_request_handler_handle (fixture->handler.handler, &call, &answer);
  g_assert_cmpuint (answer.status, ==, expected);
}

static void
test_one_that_is_forbidden_forbids_all (Fixture *fixture, gconstpointer data)
{
  world_reset (&fixture->handler);
  world_put (&fixture->handler, "team-a/1");
  world_put (&fixture->handler, "team-a/2");
  ask_for_list (fixture, "purge", "[{'Key': 'team-a/1'}, {'Key': 'other-team/kept'}]", 403);
  ask_for_list (fixture, "purge", "[{'Key': 'team-a/1'}, {'Key': 'team-ab/1'}]", 403);
  ask_for_list (fixture, "purge", "[{'Key': 'team-a/1'}, {'Key': 'team-a/../kept'}]", 400);
  ask_for_list (fixture, "delete", "[{'Key': 'tmp/x'}, {'Key': 'team-a/1'}]", 403);
  g_assert_true (world_has (&fixture->handler, "team-a/1"));
  g_assert_true (world_has (&fixture->handler, "other-team/kept"));
  ask_for_list (fixture, "purge", "[{'Key': 'team-a/1'}, {'Key': 'team-a/2'}]", 200);
  g_assert_false (world_has (&fixture->handler, "team-a/1"));
  g_assert_false (world_has (&fixture->handler, "team-a/2"));
}

int
main (int argc, char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  jwt_key = jwt_key_new ("k", TRUE, 0);
  other_jwt_key = jwt_key_new ("k", TRUE, 0);
  g_test_add ("/authorization/matrix", Fixture, NULL, set_up, test_matrix, tear_down);
  g_test_add ("/authorization/matrix-with-api-keys", Fixture, NULL, set_up,
              test_matrix_with_api_keys, tear_down);
  g_test_add ("/authorization/one-that-is-forbidden-forbids-all", Fixture, NULL, set_up,
              test_one_that_is_forbidden_forbids_all, tear_down);
  result = g_test_run ();
  jwt_key_free (jwt_key);
  jwt_key_free (other_jwt_key);
  return result;
}
