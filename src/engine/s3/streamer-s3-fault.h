/* streamer-s3-fault.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "streamer-http.h"
#include "streamer-s3-xml.h"

G_BEGIN_DECLS

/**
 * StreamerS3Fault:
 * @status: HTTP status; 200 too, since S3 notices some errors only then
 * @words: (owned): what the body says; all NULL for HEAD, and for what is no answer of S3
 * @region: (owned) (nullable): of the bucket, where the answer names it
 * @time: Unix seconds by the store's clock, or 0 where it does not say
 * @is_web_page: it is no answer of S3
 *
 * An answer that is no success.
 */
typedef struct
{
  guint status;
  StreamerS3XmlError words;
  char *region;
  gint64 time;
  int retry_after;
  char *request_id;
  gboolean is_web_page;
} StreamerS3Fault;

void streamer_s3_fault_init (StreamerS3Fault *fault, const StreamerAnswer *answer);
void streamer_s3_fault_clear (StreamerS3Fault *fault);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (StreamerS3Fault, streamer_s3_fault_clear)

/** Returns: whether @code is what the store calls it */
gboolean streamer_s3_fault_is (const StreamerS3Fault *fault, const char *code);

/**
 * StreamerS3Subject: what a request was about, for answers that say only a number
 */
typedef enum
{
  STREAMER_S3_BUCKET,
  STREAMER_S3_OBJECT,
  STREAMER_S3_UPLOAD,
} StreamerS3Subject;

/**
 * streamer_s3_fault_to_error:
 * @secrets: what must not be shown even if the store repeats it; NULLs in it are skipped
 *
 * Returns: (transfer full): the error that it means for the caller
 */
GError *streamer_s3_fault_to_error (const StreamerS3Fault *fault,
                                    StreamerS3Subject subject,
                                    const char *const *secrets,
                                    guint n_secrets);

G_END_DECLS
