/* fuzz-store-answer.c: what a store answers beside success, headers and all
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is an answer of HTTP, with plain line feeds.
 */

#include "fuzz.h"

#include "streamer-answer-headers.h"
#include "streamer-error.h"
#include "streamer-s3-fault.h"
#include "streamer-store-answer.h"

#define DAY_SECONDS (24 * 60 * 60)

#define SIGNATURE "fedcba9876543210"
#define POLICY    "cG9saWN5LXBvbGljeQ"
#define URL       "https://store.example/key?X-Amz-Expires=60&X-Amz-Signature=" SIGNATURE

static void
check_headers (const StreamerAnswer *answer)
{
  g_autofree char *etag = streamer_answer_get_etag (answer);
  const char *request_id = streamer_answer_get_request_id (answer);
  int retry_after = streamer_answer_get_retry_after (answer);

  fuzz_check_headers (answer->headers);
  fuzz_check_shown (etag, NULL);
  g_assert_true (retry_after >= -1 && retry_after <= DAY_SECONDS);
  if (request_id != NULL)
    fuzz_check_shown (request_id, NULL);
  streamer_answer_get_time (answer);
  streamer_answer_is_web_page (answer);
}

static void
check_error (GError *error)
{
  const char *request_id = streamer_error_get_request_id (error);

  g_assert_true (error->domain == STREAMER_ERROR);
  fuzz_check_shown (error->message, SIGNATURE);
  fuzz_check_shown (error->message, POLICY);
  g_assert_cmpint (streamer_error_get_retry_after (error), <=, DAY_SECONDS);
  if (request_id != NULL)
    fuzz_check_shown (request_id, NULL);
}

static void
check_fault (const StreamerAnswer *answer)
{
  static const char *const secrets[] = { SIGNATURE, NULL, POLICY };
  g_auto (StreamerS3Fault) fault = { 0 };

  streamer_s3_fault_init (&fault, answer);
  g_assert_true (fault.retry_after >= -1 && fault.retry_after <= DAY_SECONDS);
  for (guint subject = STREAMER_S3_BUCKET; subject <= STREAMER_S3_UPLOAD; subject++)
    {
      g_autoptr (GError) error =
          streamer_s3_fault_to_error (&fault, subject, secrets, G_N_ELEMENTS (secrets));

      check_error (error);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const char *const fields[] = { "key", "key", "policy", POLICY, NULL };
  FuzzInput input = { data, size };
  g_auto (StreamerAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;

  if (!fuzz_take_answer (&input, &answer))
    return -1;
  check_headers (&answer);
  check_fault (&answer);
  if (streamer_store_answer_check (&answer, URL, fields, &error))
    g_assert_no_error (error);
  else
    {
      check_error (error);
      streamer_store_answer_refuse (&error);
      check_error (error);
    }
  return 0;
}
