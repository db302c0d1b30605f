/* streamer-request-answer.c: opens the envelope of the request API
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Everything in an answer is untrusted: what is not exactly the protocol is an error that says so.
 */

#include "streamer-config.h"
#include "streamer-request-answer.h"

#include <glib/gi18n-lib.h>

#include "streamer-answer-headers.h"
#include "streamer-json.h"
#include "streamer-words.h"

/* What the answer came to, while it is read. */
typedef struct
{
  guint code;             /* status code: the envelope's, else the status line's */
  gboolean enveloped;     /* the backend itself spoke, not a gateway before it */
  const char *name;       /* (nullable): `error.code` */
  const char *words;      /* (nullable) */
  const char *request_id; /* (nullable) */
  int retry_after;        /* seconds, or -1 */
} Refusal;

static const struct
{
  const char *name;
  StreamerError code;
} known_names[] = {
  { "auth", STREAMER_ERROR_AUTH },           { "unauthorized", STREAMER_ERROR_AUTH },
  { "forbidden", STREAMER_ERROR_FORBIDDEN }, { "not_found", STREAMER_ERROR_NOT_FOUND },
  { "exists", STREAMER_ERROR_EXISTS },       { "no_upload", STREAMER_ERROR_NO_UPLOAD },
  { "expired", STREAMER_ERROR_EXPIRED },     { "busy", STREAMER_ERROR_BUSY },
  { "checksum", STREAMER_ERROR_CHECKSUM },   { "invalid", STREAMER_ERROR_INVALID },
  { "too_large", STREAMER_ERROR_TOO_LARGE }, { "no_space", STREAMER_ERROR_NO_SPACE },
  { "quota", STREAMER_ERROR_QUOTA },         { "limited", STREAMER_ERROR_BUSY },
};

static const char *
sentence_for (StreamerError code)
{
  switch (code)
    {
    case STREAMER_ERROR_AUTH:
      return _ ("The server does not accept the token.");
    case STREAMER_ERROR_FORBIDDEN:
      return _ ("The server does not allow this with the given token.");
    case STREAMER_ERROR_NOT_FOUND:
      return _ ("There is no such file on the server.");
    case STREAMER_ERROR_EXISTS:
      return _ ("A file of this name exists on the server and was not replaced.");
    case STREAMER_ERROR_NO_UPLOAD:
      return _ ("The server does not know this upload any more.");
    case STREAMER_ERROR_EXPIRED:
      return _ ("The server's permission to send has expired.");
    case STREAMER_ERROR_BUSY:
      return _ ("The server is busy, or has a problem at the moment.");
    case STREAMER_ERROR_CHECKSUM:
      return _ ("What the server has is not what was sent.");
    case STREAMER_ERROR_TOO_LARGE:
      return _ ("This is more than the server takes.");
    case STREAMER_ERROR_NO_SPACE:
      return _ ("The disk of the server is full.");
    case STREAMER_ERROR_QUOTA:
      return _ ("The space that you may use on the server is not enough for this.");
    case STREAMER_ERROR_INVALID:
      return _ ("The server does not take this request.");
    case STREAMER_ERROR_PORTAL:
      return _ ("Something between here and the server wants you to sign in first.");
    case STREAMER_ERROR_PROTOCOL:
      return _ ("What answers at the request URL is not an S3Streamer backend; is the URL right?");
    default:
      return _ ("The server could not do this.");
    }
}

static StreamerError
code_for_status (guint status, StreamerError missing)
{
  switch (status)
    {
    case 400:
    case 422:
      return STREAMER_ERROR_INVALID;
    case 401:
      return STREAMER_ERROR_AUTH;
    case 403:
      return STREAMER_ERROR_FORBIDDEN;
    case 404:
    case 410:
      return missing;
    case 409:
    case 412:
      return STREAMER_ERROR_EXISTS;
    case 413:
      return STREAMER_ERROR_TOO_LARGE;
    case 408:
    case 429:
      return STREAMER_ERROR_BUSY;
    case 507:
      return STREAMER_ERROR_NO_SPACE;
    case 501:
    case 505:
      return STREAMER_ERROR_FAILED;
    case 511:
      return STREAMER_ERROR_PORTAL;
    default:
      return status >= 500 ? STREAMER_ERROR_BUSY : STREAMER_ERROR_FAILED;
    }
}

/* A server's own name for the error says more than a number, where it is one of ours. */
static StreamerError
code_for_refusal (const Refusal *refusal, StreamerError missing)
{
  if (refusal->name != NULL)
    for (guint i = 0; i < G_N_ELEMENTS (known_names); i++)
      {
        g_autofree char *name = g_ascii_strdown (refusal->name, -1);

        if (g_str_equal (g_strdelimit (name, "-", '_'), known_names[i].name))
          return known_names[i].code;
      }

  /* A gateway that does not know the path is not a backend that does not know the upload. */
  if (!refusal->enveloped && (refusal->code == 404 || refusal->code == 405))
    return STREAMER_ERROR_PROTOCOL;
  return code_for_status (refusal->code, missing);
}

static void
take_refusal (const Refusal *refusal,
              StreamerError code,
              const char *sentence,
              const char *const *secrets,
              guint n_secrets,
              GError **error)
{
  g_autofree char *words = streamer_words_show (refusal->words, secrets, n_secrets);
  g_autofree char *message = streamer_words_join (sentence, words);
  GError *refused = g_error_new_literal (STREAMER_ERROR, code, message);

  streamer_error_set_answer (refused, refusal->code, refusal->retry_after, refusal->request_id);
  g_propagate_error (error, refused);
}

/* API Gateway refuses before the backend is asked: `Forbidden` is a wrong API key, and a missing
 * authentication token a path that does not exist. */
static void
take_gateway_refusal (const Refusal *refusal,
                      const char *const *secrets,
                      guint n_secrets,
                      GError **error)
{
  StreamerError code = code_for_refusal (refusal, STREAMER_ERROR_PROTOCOL);
  const char *sentence = sentence_for (code);

  if (refusal->code == 403 && g_strcmp0 (refusal->words, "Forbidden") == 0)
    {
      code = STREAMER_ERROR_AUTH;
      sentence = _ ("The server does not accept the API key.");
    }
  else if (refusal->code == 403 && g_strcmp0 (refusal->words, "Missing Authentication Token") == 0)
    {
      code = STREAMER_ERROR_PROTOCOL;
      sentence = sentence_for (code);
    }

  take_refusal (refusal, code, sentence, secrets, n_secrets, error);
}

static void
read_error_member (JsonObject *object, Refusal *refusal)
{
  JsonObject *member;
  guint64 seconds;

  if (!json_object_has_member (object, "error"))
    return;
  member = streamer_json_get_object (object, "error", NULL);
  if (member == NULL)
    return;

  refusal->name = streamer_json_get_string (member, "code", NULL);
  refusal->words = streamer_json_get_string (member, "message", NULL);
  if (streamer_json_get_uint (member, "retry_after", 0, G_MAXINT, &seconds, NULL))
    refusal->retry_after = (int) seconds;
}

static void
read_envelope (JsonObject *object, Refusal *refusal)
{
  static const char *const members[] = { "status", "message", "Message" };
  const char *request_id = streamer_json_get_string (object, "request_id", NULL);

  if (request_id != NULL && streamer_request_id_is_usable (request_id))
    refusal->request_id = request_id;

  read_error_member (object, refusal);
  for (guint i = 0; i < G_N_ELEMENTS (members) && refusal->words == NULL; i++)
    refusal->words = streamer_json_get_string (object, members[i], NULL);
}

static void
set_not_the_protocol (const Refusal *refusal, const GError *why, GError **error)
{
  g_autofree char *message =
      g_strdup_printf ("%s %s", sentence_for (STREAMER_ERROR_PROTOCOL), why->message);
  GError *refused = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_PROTOCOL, message);

  streamer_error_set_answer (refused, 0, -1, refusal->request_id);
  g_propagate_error (error, refused);
}

/* Not JSON. A status that says what is wrong is believed, whatever page comes with it: proxies and
 * gateways send theirs with 429, 502 and 503. */
static void
read_foreign (const StreamerAnswer *answer,
              const Refusal *refusal,
              const GError *why,
              GError **error)
{
  guint status = answer->status;

  if (status == 401 || status == 403 || status == 413 || status == 429 ||
      (status >= 500 && status != 511))
    {
      StreamerError code = code_for_status (status, STREAMER_ERROR_PROTOCOL);

      take_refusal (refusal, code, sentence_for (code), NULL, 0, error);
    }
  else if (streamer_answer_is_web_page (answer))
    g_set_error_literal (error, STREAMER_ERROR,
                         streamer_answer_is_portal (answer) ? STREAMER_ERROR_PORTAL
                                                            : STREAMER_ERROR_PROTOCOL,
                         _ ("The answer is a web page, not one of an S3Streamer backend. Is the "
                            "request URL right, or do you have to sign in to this network first?"));
  else
    set_not_the_protocol (refusal, why, error);
}

static JsonNode *
parse_body (const StreamerAnswer *answer, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (answer->body, &length);

  return streamer_json_parse (text != NULL ? text : "", length, error);
}

/* Behind the envelope. Numbers that say nothing of who has refused, for the time being or before it
 * understood the question, are not counted as an answer. */
static StreamerRequestVersion
get_version_of_backend (JsonObject *object)
{
  JsonNode *status = json_object_get_member (object, "status");
  guint64 code;
  guint64 version;

  if (!streamer_json_get_uint (object, "status_code", 100, 599, &code, NULL) || status == NULL)
    return STREAMER_REQUEST_VERSION_UNKNOWN;
  if (code == 200 && JSON_NODE_HOLDS_OBJECT (status) &&
      streamer_json_get_uint (json_node_get_object (status), "version", 2, G_MAXUINT, &version,
                              NULL))
    return STREAMER_REQUEST_VERSION_2;
  if (json_object_has_member (object, "error") || code == 401 || code == 408 || code == 429 ||
      (code > 500 && code != 501))
    return STREAMER_REQUEST_VERSION_UNKNOWN;
  return STREAMER_REQUEST_VERSION_1;
}

StreamerRequestVersion
streamer_request_answer_get_version (const StreamerAnswer *answer)
{
  g_autoptr (JsonNode) root = parse_body (answer, NULL);
  JsonObject *object;
  const char *message;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return STREAMER_REQUEST_VERSION_UNKNOWN;
  object = json_node_get_object (root);
  if (json_object_has_member (object, "status_code"))
    return get_version_of_backend (object);

  message = streamer_json_get_string (object, "message", NULL);
  if (message == NULL)
    return STREAMER_REQUEST_VERSION_UNKNOWN;
  if ((answer->status == 500 || answer->status == 502) &&
      g_ascii_strcasecmp (message, "Internal server error") == 0)
    return STREAMER_REQUEST_VERSION_CRASHED;
  /* It checks requests before it passes them on, and does not know this one. */
  return answer->status == 400 ? STREAMER_REQUEST_VERSION_1 : STREAMER_REQUEST_VERSION_UNKNOWN;
}

JsonNode *
streamer_request_answer_read (const StreamerAnswer *answer,
                              StreamerError missing,
                              StreamerRequestMeaning meaning,
                              const char *const *secrets,
                              guint n_secrets,
                              GError **error)
{
  Refusal refusal = { .code = answer->status,
                      .request_id = streamer_answer_get_request_id (answer),
                      .retry_after = streamer_answer_get_retry_after (answer) };
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object = NULL;
  guint64 code = 0;

  root = parse_body (answer, &local_error);
  if (root != NULL && !JSON_NODE_HOLDS_OBJECT (root))
    g_set_error_literal (&local_error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                         _ ("The answer is not a JSON object."));
  if (local_error != NULL)
    {
      read_foreign (answer, &refusal, local_error, error);
      return NULL;
    }

  object = json_node_get_object (root);
  read_envelope (object, &refusal);
  refusal.enveloped = json_object_has_member (object, "status_code");
  if (!refusal.enveloped && answer->status >= 400)
    {
      take_gateway_refusal (&refusal, secrets, n_secrets, error);
      return NULL;
    }

  if (!streamer_json_get_uint (object, "status_code", 100, 599, &code, &local_error))
    {
      set_not_the_protocol (&refusal, local_error, error);
      return NULL;
    }
  refusal.code = (guint) code;
  if (code != 200)
    {
      StreamerError meant = code_for_refusal (&refusal, missing);

      if (meaning != NULL)
        meaning (refusal.code, refusal.words, &meant);
      take_refusal (&refusal, meant, sentence_for (meant), secrets, n_secrets, error);
      return NULL;
    }

  if (!json_object_has_member (object, "status"))
    {
      g_set_error (&local_error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL,
                   /* Translators: %s is the technical name of a value. */
                   _ ("The answer has no “%s”."), "status");
      set_not_the_protocol (&refusal, local_error, error);
      return NULL;
    }
  return json_object_dup_member (object, "status");
}
