/* authorization-trial.c: a case as a request
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "authorization-trial.h"

#include <string.h>

#include "streamer-json.h"

#define KEY_BYTES   1024
#define MAX_SEGMENT 100

const KeyForm key_forms[] = {
  { "@/x", TRUE, TRUE, 0, FALSE },
  { "@/below/x", TRUE, TRUE, 0, FALSE },
  { "@", TRUE, TRUE, 0, FALSE },
  /* Neighbours. */
  { "@b/x", TRUE, TRUE, 0, FALSE },
  { "@-/x", TRUE, TRUE, 0, FALSE },
  { "@.x", TRUE, TRUE, 0, FALSE },
  { "x@/x", TRUE, TRUE, 0, FALSE },
  { "x/@/x", TRUE, TRUE, 0, FALSE },
  { "^/x", TRUE, TRUE, 0, FALSE },
  { "other-team/kept", TRUE, TRUE, 0, FALSE },
  { "kept", TRUE, TRUE, 0, FALSE },
  { "team-a/x", TRUE, TRUE, 0, FALSE },
  { "tmp/x", TRUE, TRUE, 0, FALSE },
  /* Ways out. */
  { "@/../other-team/kept", FALSE, FALSE, 0, FALSE },
  { "@/./x", FALSE, FALSE, 0, FALSE },
  { "@/x/.", FALSE, FALSE, 0, FALSE },
  { "@/..", FALSE, FALSE, 0, FALSE },
  { "../@/x", FALSE, FALSE, 0, FALSE },
  { "./@/x", FALSE, FALSE, 0, FALSE },
  { "..", FALSE, FALSE, 0, FALSE },
  { ".", FALSE, FALSE, 0, FALSE },
  { "@//x", FALSE, FALSE, 0, FALSE },
  { "@//../other-team/kept", FALSE, FALSE, 0, FALSE },
  { "", FALSE, FALSE, 0, FALSE },
  { "/", FALSE, FALSE, 0, FALSE },
  { "/@/x", FALSE, TRUE, 0, FALSE },
  { "@/x/", FALSE, TRUE, 0, FALSE },
  { "//@/x//", FALSE, TRUE, 0, FALSE },
  { "/../other-team/kept", FALSE, FALSE, 0, FALSE },
  /* Nothing is decoded a second time. */
  { "@/%2e%2e/other-team/kept", TRUE, TRUE, 0, FALSE },
  { "@/..%2Fother-team/kept", TRUE, TRUE, 0, FALSE },
  { "@%2Fx", TRUE, TRUE, 0, FALSE },
  { "%2e%2e/@/x", TRUE, TRUE, 0, FALSE },
  { "@/x%00", TRUE, TRUE, 0, FALSE },
  { "@/100%", TRUE, TRUE, 0, FALSE },
  { "@/%%32%65", TRUE, TRUE, 0, FALSE },
  { "@/x?versionId=1&uploads#f", TRUE, TRUE, 0, FALSE },
  { "@/a b+c;d=e'\"", TRUE, TRUE, 0, FALSE },
  { "@\\x", TRUE, TRUE, 0, FALSE },
  { "@\\..\\other-team\\kept", TRUE, TRUE, 0, FALSE },
  { "@/..x", TRUE, TRUE, 0, FALSE },
  { "@/...", TRUE, TRUE, 0, FALSE },
  { " @/x", TRUE, TRUE, 0, FALSE },
  { "@ /x", TRUE, TRUE, 0, FALSE },
  /* Letters. */
  { "@/\303\251", TRUE, TRUE, 0, FALSE },
  { "@/e\314\201", FALSE, FALSE, 0, FALSE },
  { "gr\303\274\303\237e/x", TRUE, TRUE, 0, FALSE },
  { "gru\314\210\303\237e/x", FALSE, FALSE, 0, FALSE },
  { "@\357\274\217x", TRUE, TRUE, 0, FALSE },
  { "@/\342\204\253", FALSE, FALSE, 0, FALSE },
  { "@/\001", FALSE, FALSE, 0, FALSE },
  { "@/x\n", FALSE, FALSE, 0, FALSE },
  { "@/x\177", FALSE, FALSE, 0, FALSE },
  { "@/x\302\205", FALSE, FALSE, 0, FALSE },
  { "@/\377", FALSE, FALSE, 0, FALSE },
  { "@/\300\256\300\256/x", FALSE, FALSE, 0, FALSE },
  { "@/\355\240\200", FALSE, FALSE, 0, FALSE },
  { "@/x", FALSE, FALSE, 0, TRUE },
  { "@/", TRUE, TRUE, KEY_BYTES, FALSE },
  { "@/", FALSE, FALSE, KEY_BYTES + 1, FALSE },
};
const guint n_key_forms = G_N_ELEMENTS (key_forms);

/* -- what is asked */

static void
fill_up (GString *key, guint length)
{
  while (key->len < length)
    g_string_append_c (key, key->len + 1 < length && key->len % MAX_SEGMENT == 0 ? '/' : 'x');
}

GString *
key_form_expand (const KeyForm *form, const char *prefix)
{
  GString *key = g_string_new (NULL);
  g_autofree char *upper = g_ascii_strup (prefix, -1);

  for (const char *c = form->text; *c; c++)
    if (*c == '@')
      g_string_append (key, prefix);
    else if (*c == '^')
      g_string_append (key, upper);
    else
      g_string_append_c (key, *c);
  fill_up (key, form->length);
  if (form->has_nul)
    g_string_append_len (key, "\0x", 2);
  return key;
}

char *
trial_quote (const char *text, gsize length)
{
  GString *quoted = g_string_new ("\"");

  for (gsize i = 0; i < length; i++)
    if ((guchar) text[i] < 0x20 || text[i] == '"' || text[i] == '\\')
      g_string_append_printf (quoted, "\\u%04x", (guchar) text[i]);
    else
      g_string_append_c (quoted, text[i]);
  g_string_append_c (quoted, '"');
  return g_string_free (quoted, FALSE);
}

/* `[{'Key': …}]`, as a string of JSON. */
static char *
quote_list (const char *text, gsize length)
{
  g_autoptr (GString) list = g_string_new ("[{'Key': '");

  for (gsize i = 0; i < length; i++)
    if ((guchar) text[i] < 0x20 || text[i] == '\'' || text[i] == '\\')
      g_string_append_printf (list, "\\x%02x", (guchar) text[i]);
    else
      g_string_append_c (list, text[i]);
  g_string_append (list, "'}]");
  return trial_quote (list->str, list->len);
}

static void
add_key_members (GString *body, const Trial *trial)
{
  static const char *const replaces[N_REPLACES] = { "false", "true", NULL };
  g_autofree char *key = trial_quote (trial->key->str, trial->key->len);
  g_autofree char *resume_id = g_uuid_string_random ();
  const char *name = trial->asked.action->name;

  g_string_append_printf (body, ",\"key\":%s", key);
  if (strcmp (name, "link") == 0)
    g_string_append (body, ",\"expires_in\":60");
  if (strcmp (name, "begin") != 0)
    return;
  g_string_append_printf (body, ",\"size\":%d,\"part_size\":100,\"resume_id\":\"%s\"",
                          WORLD_NEW_SIZE, resume_id);
  if (replaces[trial->asked.replace])
    g_string_append_printf (body, ",\"overwrite\":%s", replaces[trial->asked.replace]);
}

static void
add_old_members (GString *body, const Trial *trial)
{
  static const char *const replaces[N_REPLACES] = { "NO", "YES", NULL };
  const WorldUpload *world = &trial->world;
  const char *name = trial->asked.action->name;
  g_autofree char *list = NULL;

  if (strcmp (name, "create") == 0)
    g_string_append_printf (body, ",\"filesize\":\"%d\"", WORLD_NEW_SIZE);
  if (trial->asked.action->replaces && replaces[trial->asked.replace])
    g_string_append_printf (body, ",\"overwrite\":\"%s\"", replaces[trial->asked.replace]);
  if (trial->asked.action->subject == SUBJECT_UPLOAD)
    g_string_append_printf (body, ",\"uploadid\":\"%s\"", world->id);
  if (strcmp (name, "add") == 0)
    g_string_append_printf (body, ",\"partname\":\"%s\",\"partnumber\":\"1\"", world->part_name);
  if (strcmp (name, "complete") == 0)
    g_string_append_printf (body, ",\"parts\":\"[{'ETag': '%s', 'PartNumber': 1}]\"",
                            world->etag ? world->etag : "");
  if (strcmp (name, "purge") == 0 || trial->asked.staged == STAGED_DOCUMENT)
    list = quote_list (trial->key->str, trial->key->len);
  else if (strcmp (name, "delete") == 0)
    list = quote_list (world->part_name, strlen (world->part_name));
  if (list && (strcmp (name, "purge") == 0 || strcmp (name, "delete") == 0))
    g_string_append_printf (body, ",\"objects\":%s", list);
}

static GString *
make_body (const Trial *trial)
{
  const OracleAction *action = trial->asked.action;
  GString *body = g_string_new (NULL);

  g_string_printf (body, "{\"action\":\"%s\"", action->name);
  if (trial->as_item)
    g_string_append (body, ",\"items\":[{\"none\":0");
  if (action->version == 1)
    add_old_members (body, trial);
  else
    add_key_members (body, trial);
  if (action->version == 2 && action->subject == SUBJECT_UPLOAD)
    g_string_append_printf (body, ",\"upload_id\":\"%s\"", trial->world.id);
  if (strcmp (action->name, "presign") == 0)
    g_string_append_printf (body, ",\"parts\":[{\"number\":1,\"size\":%d}]", WORLD_NEW_SIZE);
  g_string_append (body, trial->as_item ? "}]}" : "}");
  return body;
}

/* -- who asks */

static char *
make_claims (const Trial *trial, guint rights, OracleBearer bearer)
{
  static const char *const names[] = { "create", "overwrite", "remove", "link" };
  g_autoptr (GString) scope = g_string_new ("openid");
  g_autoptr (GString) folders = g_string_new (NULL);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  gboolean is_expired = bearer == BEARER_JWT_EXPIRED || bearer == BEARER_GATEWAY_EXPIRED;
  gboolean is_flat = bearer >= BEARER_GATEWAY;

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (rights & (1 << i))
      g_string_append_printf (scope, " %s", names[i]);
  for (gsize i = 0; trial->asked.prefixes[i]; i++)
    g_string_append_printf (folders, is_flat ? "%s%s/" : "%s'%s/'", i > 0 ? "," : "",
                            trial->asked.prefixes[i]);
  return g_strdup_printf (
      is_flat ? "{'iss':'%s','aud':'%s','sub':'%s','exp':'%" G_GINT64_FORMAT
                "','scope':'%s','folders':'%s'}"
              : "{'iss':'%s','aud':'%s','sub':'%s','exp':%" G_GINT64_FORMAT
                ",'scope':'%s','folders':[%s]}",
      bearer == BEARER_GATEWAY_OF_OTHERS ? "https://elsewhere.example" : TRIAL_ISSUER,
      bearer == BEARER_JWT_FOR_OTHERS ? "somebody-else" : TRIAL_AUDIENCE, trial->name,
      is_expired ? now - 3600 : now + 3600, scope->str, folders->str);
}

static char *
make_jwt (const Trial *trial, JwtKey *provider, JwtKey *other)
{
  static const char header[] = "{'alg':'ES256','kid':'k'}";
  OracleBearer bearer = trial->asked.bearer;
  g_autofree char *claims = make_claims (trial, trial->asked.rights, bearer);
  g_autofree char *token =
      jwt_key_sign (bearer == BEARER_JWT_OF_OTHERS ? other : provider, header, claims);
  g_autofree char *more = NULL, *unsigned_token = NULL;
  g_auto (GStrv) parts = NULL, more_parts = NULL;

  if (bearer == BEARER_JWT_UNSIGNED)
    return jwt_join ("{'alg':'none','kid':'k'}", claims, "", 0);
  if (bearer != BEARER_JWT_CHANGED)
    return g_steal_pointer (&token);
  /* All rights, under a signature that was made for others. */
  more = make_claims (trial, trial->asked.rights ^ (N_RIGHTS - 1), bearer);
  unsigned_token = jwt_join (header, more, "", 0);
  parts = g_strsplit (token, ".", 3);
  more_parts = g_strsplit (unsigned_token, ".", 3);
  return g_strjoin (".", more_parts[0], more_parts[1], parts[2], NULL);
}

/* Returns: (transfer full) (nullable): of the header */
static char *
make_authorization (const Trial *trial, JwtKey *provider, JwtKey *other)
{
  g_autofree char *token = g_strconcat (trial->name, "-token", NULL);
  g_autofree char *jwt = NULL;

  switch (trial->asked.bearer)
    {
    case BEARER_RIGHT:
    case BEARER_API_KEY_MISSING:
    case BEARER_API_KEY_WRONG:
      return g_strconcat ("Bearer ", token, NULL);
    case BEARER_RIGHT_IN_LOWER_CASE:
      return g_strconcat ("bearer ", token, NULL);
    case BEARER_EMPTY:
      return g_strdup ("Bearer ");
    case BEARER_WRONG:
      return g_strdup ("Bearer somebody-15-0-tokem");
    case BEARER_TOO_LONG:
      return g_strconcat ("Bearer ", token, "n", NULL);
    case BEARER_TOO_SHORT:
      token[strlen (token) - 1] = '\0';
      return g_strconcat ("Bearer ", token, NULL);
    case BEARER_BASIC:
      return g_strconcat ("Basic ", token, NULL);
    case BEARER_WITHOUT_SCHEME:
      return g_steal_pointer (&token);
    case BEARER_JWT:
    case BEARER_JWT_EXPIRED:
    case BEARER_JWT_FOR_OTHERS:
    case BEARER_JWT_OF_OTHERS:
    case BEARER_JWT_UNSIGNED:
    case BEARER_JWT_CHANGED:
      jwt = make_jwt (trial, provider, other);
      return g_strconcat ("Bearer ", jwt, NULL);
    default:
      return NULL;
    }
}

static JsonNode *
make_gateway_claims (const Trial *trial)
{
  g_autofree char *text = make_claims (trial, trial->asked.rights, trial->asked.bearer);

  return json_from_string (g_strdelimit (text, "'", '"'), NULL);
}

static const char *
get_api_key (const Trial *trial, const char *token)
{
  if (trial->asked.bearer == BEARER_AS_API_KEY)
    return token;
  if (!trial->wants_api_key || trial->asked.bearer == BEARER_API_KEY_MISSING)
    return NULL;
  return trial->asked.bearer == BEARER_API_KEY_WRONG ? TRIAL_API_KEY "x" : TRIAL_API_KEY;
}

JsonObject *
trial_ask (const Trial *trial,
           StreamerRequestHandler *handler,
           JwtKey *provider,
           JwtKey *other,
           guint *status)
{
  const OracleAction *action = trial->asked.action;
  g_autoptr (GString) body = make_body (trial);
  g_autofree char *authorization = make_authorization (trial, provider, other);
  g_autofree char *token = g_strconcat (trial->name, "-token", NULL);
  g_autoptr (JsonNode) claims =
      trial->asked.bearer >= BEARER_GATEWAY && trial->asked.bearer <= BEARER_GATEWAY_OF_OTHERS
          ? make_gateway_claims (trial)
          : NULL;
  StreamerApiCall call = {
    .authorization = authorization,
    .api_key = get_api_key (trial, token),
    .claims = claims ? json_node_get_object (claims) : NULL,
    .origin = "http://a",
    /* Of no meaning in version 2, whatever it is. */
    .filename = action->version == 1 ? trial->key->str : "other-team/kept",
    .body = body->str,
    .length = body->len,
  };
  g_auto (StreamerApiAnswer) answer = { 0 };
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;

  streamer_request_handler_handle (handler, &call, &answer);
  root = streamer_json_parse (answer.body, strlen (answer.body), &error);
  g_assert_no_error (error);
  *status = answer.status;
  return json_object_ref (json_node_get_object (root));
}
