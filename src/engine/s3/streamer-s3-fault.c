/* streamer-s3-fault.c: what S3's refusals mean
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-s3-fault.h"

#include <glib/gi18n-lib.h>

#include "streamer-answer-headers.h"
#include "streamer-error.h"
#include "streamer-words.h"

/* Amazon S3 API Reference, "Error responses". The sentence is NULL where the one of the code does.
 */
static const struct
{
  const char *name;
  StreamerError code;
  const char *sentence;
} known_codes[] = {
  { "NoSuchUpload", STREAMER_ERROR_NO_UPLOAD, NULL },
  { "NoSuchKey", STREAMER_ERROR_NOT_FOUND, NULL },
  { "NoSuchVersion", STREAMER_ERROR_NOT_FOUND, NULL },
  { "NoSuchBucket", STREAMER_ERROR_NOT_FOUND, N_ ("There is no bucket of this name.") },
  { "AccessDenied", STREAMER_ERROR_FORBIDDEN, N_ ("The keys do not allow this.") },
  { "AllAccessDisabled", STREAMER_ERROR_FORBIDDEN, NULL },
  { "AccountProblem", STREAMER_ERROR_FORBIDDEN, NULL },
  { "NotSignedUp", STREAMER_ERROR_FORBIDDEN, NULL },
  { "UserSuspended", STREAMER_ERROR_FORBIDDEN, NULL },
  { "InvalidAccessKeyId", STREAMER_ERROR_AUTH, N_ ("The store does not know this access key.") },
  { "SignatureDoesNotMatch", STREAMER_ERROR_AUTH,
    N_ ("The secret key does not belong to the access key.") },
  { "InvalidToken", STREAMER_ERROR_AUTH, N_ ("The store does not take the session token.") },
  { "ExpiredToken", STREAMER_ERROR_AUTH, N_ ("The session token has expired.") },
  { "TokenRefreshRequired", STREAMER_ERROR_AUTH, N_ ("The session token has expired.") },
  { "InvalidSecurity", STREAMER_ERROR_AUTH, NULL },
  { "RequestTimeTooSkewed", STREAMER_ERROR_EXPIRED,
    N_ ("The clocks of this computer and of the store are too far apart.") },
  { "PermanentRedirect", STREAMER_ERROR_INVALID, N_ ("The bucket is in another region.") },
  { "TemporaryRedirect", STREAMER_ERROR_INVALID, N_ ("The bucket is in another region.") },
  { "Redirect", STREAMER_ERROR_INVALID, N_ ("The bucket is in another region.") },
  { "AuthorizationHeaderMalformed", STREAMER_ERROR_INVALID,
    N_ ("The region is not the one of the bucket, or the keys are not well formed.") },
  { "IllegalLocationConstraintException", STREAMER_ERROR_INVALID,
    N_ ("The bucket is in another region.") },
  { "SlowDown", STREAMER_ERROR_BUSY, NULL },
  { "ServiceUnavailable", STREAMER_ERROR_BUSY, NULL },
  { "InternalError", STREAMER_ERROR_BUSY, NULL },
  { "Busy", STREAMER_ERROR_BUSY, NULL },
  { "TooManyRequests", STREAMER_ERROR_BUSY, NULL },
  { "OperationAborted", STREAMER_ERROR_BUSY, NULL },
  { "RequestTimeout", STREAMER_ERROR_NETWORK, NULL },
  { "IncompleteBody", STREAMER_ERROR_NETWORK, NULL },
  { "EntityTooLarge", STREAMER_ERROR_TOO_LARGE, NULL },
  { "MaxMessageLengthExceeded", STREAMER_ERROR_TOO_LARGE, NULL },
  { "PreconditionFailed", STREAMER_ERROR_EXISTS, NULL },
  { "ConditionalRequestConflict", STREAMER_ERROR_BUSY, NULL },
  { "BadDigest", STREAMER_ERROR_CHECKSUM, NULL },
  { "InvalidDigest", STREAMER_ERROR_CHECKSUM, NULL },
  { "XAmzContentSHA256Mismatch", STREAMER_ERROR_CHECKSUM, NULL },
  { "XAmzContentChecksumMismatch", STREAMER_ERROR_CHECKSUM, NULL },
  { "InvalidPart", STREAMER_ERROR_CHECKSUM, NULL },
  { "InvalidPartOrder", STREAMER_ERROR_CHECKSUM, NULL },
  { "QuotaExceeded", STREAMER_ERROR_NO_SPACE, NULL },
  { "InvalidBucketName", STREAMER_ERROR_INVALID, N_ ("The name of the bucket cannot be used.") },
  { "InvalidStorageClass", STREAMER_ERROR_INVALID,
    N_ ("The store does not know the storage class.") },
  { "KeyTooLongError", STREAMER_ERROR_INVALID, N_ ("The name is longer than the store takes.") },
  { "NotImplemented", STREAMER_ERROR_FAILED, NULL },
};

void
streamer_s3_fault_clear (StreamerS3Fault *fault)
{
  streamer_s3_xml_error_clear (&fault->words);
  g_clear_pointer (&fault->region, g_free);
  g_clear_pointer (&fault->request_id, g_free);
}

void
streamer_s3_fault_init (StreamerS3Fault *fault, const StreamerAnswer *answer)
{
  SoupMessageHeaders *headers = answer->headers;
  const char *date = soup_message_headers_get_one (headers, "Date");
  const char *region = soup_message_headers_get_one (headers, "x-amz-bucket-region");
  const char *id = streamer_answer_get_request_id (answer);
  g_autoptr (GDateTime) time = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;
  gsize length;
  const char *text = g_bytes_get_data (answer->body, &length);

  *fault = (StreamerS3Fault){ .status = answer->status };
  /* The answer to HEAD has a type, but no text; refusals are often typed at random. */
  fault->is_web_page =
      (length > 0 || answer->status == 200) && streamer_answer_is_web_page (answer);
  if (length > 0 && !fault->is_web_page)
    /* What it has found before a mistake is good enough. */
    streamer_s3_xml_read_error (text, length, &fault->words, NULL);
  fault->region = g_strdup (region != NULL ? region : fault->words.region);
  fault->time = time != NULL ? g_date_time_to_unix (time) : 0;
  fault->retry_after = streamer_answer_get_retry_after (answer);
  if (fault->words.request_id != NULL && streamer_request_id_is_usable (fault->words.request_id))
    id = fault->words.request_id;
  fault->request_id = g_strdup (id);
}

gboolean
streamer_s3_fault_is (const StreamerS3Fault *fault, const char *code)
{
  return g_strcmp0 (fault->words.code, code) == 0;
}

static StreamerError
code_for_status (guint status, StreamerS3Subject subject)
{
  switch (status)
    {
    case 301:
    case 302:
    case 307:
    case 308:
      return STREAMER_ERROR_INVALID;
    case 401:
      return STREAMER_ERROR_AUTH;
    case 403:
      return STREAMER_ERROR_FORBIDDEN;
    case 404:
    case 410:
      return subject == STREAMER_S3_UPLOAD ? STREAMER_ERROR_NO_UPLOAD : STREAMER_ERROR_NOT_FOUND;
    case 408:
      return STREAMER_ERROR_NETWORK;
    case 409:
    case 412:
      return STREAMER_ERROR_EXISTS;
    case 413:
      return STREAMER_ERROR_TOO_LARGE;
    case 429:
      return STREAMER_ERROR_BUSY;
    case 501:
    case 505:
      return STREAMER_ERROR_FAILED;
    case 507:
      return STREAMER_ERROR_NO_SPACE;
    default:
      if (status >= 500)
        return STREAMER_ERROR_BUSY;
      return status >= 400 || status == 200 ? STREAMER_ERROR_FAILED : STREAMER_ERROR_PROTOCOL;
    }
}

static const char *
sentence_for (StreamerError code, StreamerS3Subject subject)
{
  switch (code)
    {
    case STREAMER_ERROR_NO_UPLOAD:
      return _ ("The store does not know this upload any more.");
    case STREAMER_ERROR_NOT_FOUND:
      return subject == STREAMER_S3_BUCKET ? _ ("There is no bucket of this name.")
                                           : _ ("The store has no object of this name.");
    case STREAMER_ERROR_FORBIDDEN:
      /* The answer to HEAD has no body that would say which. */
      return _ ("The store says no: the keys are wrong, or do not allow this.");
    case STREAMER_ERROR_AUTH:
      return _ ("The store refuses the keys.");
    case STREAMER_ERROR_INVALID:
      return _ ("The bucket is in another region, which the store does not name.");
    case STREAMER_ERROR_BUSY:
      return _ ("The store is busy, or has a problem at the moment.");
    case STREAMER_ERROR_NETWORK:
      return _ ("The store did not get the request whole, or its answer did not arrive whole.");
    case STREAMER_ERROR_TOO_LARGE:
      return _ ("The file or one of its parts is larger than the store takes.");
    case STREAMER_ERROR_EXISTS:
      return _ ("A file of this name exists in the bucket and was not replaced.");
    case STREAMER_ERROR_CHECKSUM:
      return _ ("What arrived at the store is not what was sent.");
    case STREAMER_ERROR_NO_SPACE:
      return _ ("The store is full, or the bucket’s quota is used up.");
    case STREAMER_ERROR_PORTAL:
      return _ ("Something between here and the server wants you to sign in first.");
    case STREAMER_ERROR_PROTOCOL:
      return _ ("What answered is not an S3 store.");
    default:
      return _ ("The store refuses the request.");
    }
}

GError *
streamer_s3_fault_to_error (const StreamerS3Fault *fault,
                            StreamerS3Subject subject,
                            const char *const *secrets,
                            guint n_secrets)
{
  const StreamerS3XmlError *words = &fault->words;
  StreamerError code = code_for_status (fault->status, subject);
  const char *sentence = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *message = NULL;
  GError *error;

  /* An error that does not say which was cut. */
  if (fault->status == 200 && words->code == NULL)
    code = STREAMER_ERROR_NETWORK;
  /* A web page says nothing about the store, a gateway in front of it may well be busy. */
  if (fault->is_web_page && code != STREAMER_ERROR_BUSY)
    code = fault->status == 200 ? STREAMER_ERROR_PORTAL : STREAMER_ERROR_PROTOCOL;
  if (fault->status == 511)
    code = STREAMER_ERROR_PORTAL;
  for (guint i = 0; words->code != NULL && i < G_N_ELEMENTS (known_codes); i++)
    if (g_str_equal (words->code, known_codes[i].name))
      {
        code = known_codes[i].code;
        sentence = known_codes[i].sentence;
        break;
      }

  /* Ceph says so of an upload that is gone when its parts are listed. */
  if (code == STREAMER_ERROR_NOT_FOUND && subject == STREAMER_S3_UPLOAD &&
      streamer_s3_fault_is (fault, "NoSuchKey"))
    code = STREAMER_ERROR_NO_UPLOAD;
  /* So much is all that an answer to HEAD tells. */
  if (code == STREAMER_ERROR_FORBIDDEN && words->code == NULL)
    sentence = N_ ("The store refuses the keys, or they do not allow this.");

  shown = streamer_words_show (words->message != NULL && *words->message != '\0' ? words->message
                                                                                 : words->code,
                               secrets, n_secrets);
  message =
      streamer_words_join (sentence != NULL ? _ (sentence) : sentence_for (code, subject), shown);
  error = g_error_new_literal (STREAMER_ERROR, (int) code, message);
  streamer_error_set_answer (error, fault->status, fault->retry_after, fault->request_id);
  return error;
}
