/* test-transfer-status.c: what the window says about a transfer, and what it offers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "streamer-error.h"
#include "streamer-transfer-status.h"

#define GB G_GUINT64_CONSTANT (1000000000)

/* Amounts hold no-break spaces. */
static void
assert_text (const char *text, const char *expected)
{
  g_autoptr (GString) plain = g_string_new (text);

  g_string_replace (plain, "\u00a0", " ", 0);
  g_assert_cmpstr (plain->str, ==, expected);
}

typedef struct
{
  const char *name;
  StreamerTransferState state;
  guint64 size;
  guint64 sent;
  gint64 time_left;
  gint64 retry_in;
  int error; /* of STREAMER_ERROR, or -1 */
  const char *url;
  const char *status;
} StatusCase;

static const StatusCase status_cases[] = {
  { "waiting", STREAMER_TRANSFER_WAITING, GB, 0, -1, 0, -1, NULL, "Waiting" },
  { "preparing", STREAMER_TRANSFER_PREPARING, GB, 0, -1, 0, -1, NULL, "Preparing…" },
  { "minutes", STREAMER_TRANSFER_UPLOADING, 4 * GB, 12 * GB / 10, 180, 0, -1, NULL,
    "1.2 of 4.0 GB, about 3 minutes left" },
  { "one-minute", STREAMER_TRANSFER_UPLOADING, 4 * GB, GB, 60, 0, -1, NULL,
    "1.0 of 4.0 GB, about 1 minute left" },
  { "seconds", STREAMER_TRANSFER_UPLOADING, 4 * GB, GB / 2, 59, 0, -1, NULL,
    "0.5 of 4.0 GB, 59 seconds left" },
  { "last-second", STREAMER_TRANSFER_UPLOADING, 4 * GB, 4 * GB, 0, 0, -1, NULL,
    "4.0 of 4.0 GB, 1 second left" },
  { "hours", STREAMER_TRANSFER_UPLOADING, 4 * GB, GB, 7200, 0, -1, NULL,
    "1.0 of 4.0 GB, about 2 hours left" },
  { "days", STREAMER_TRANSFER_UPLOADING, 4000 * GB, GB, 864000, 0, -1, NULL,
    "0.0 of 4.0 TB, about 10 days left" },
  { "time-unknown", STREAMER_TRANSFER_UPLOADING, 4 * GB, GB, -1, 0, -1, NULL, "1.0 of 4.0 GB" },
  { "size-unknown", STREAMER_TRANSFER_UPLOADING, STREAMER_SIZE_UNKNOWN, GB, -1, 0, -1, NULL,
    "1.0 GB" },
  { "few-bytes", STREAMER_TRANSFER_UPLOADING, 999, 12, -1, 0, -1, NULL, "12 of 999 bytes" },
  { "no-bytes", STREAMER_TRANSFER_UPLOADING, 0, 0, -1, 0, -1, NULL, "0 of 0 bytes" },
  { "stalled", STREAMER_TRANSFER_STALLED, GB, 0, -1, 8, STREAMER_ERROR_NETWORK, NULL,
    "No connection, trying again in 8 s" },
  { "stalled-now", STREAMER_TRANSFER_STALLED, GB, 0, -1, 0, STREAMER_ERROR_NETWORK, NULL,
    "No connection, trying again" },
  { "busy", STREAMER_TRANSFER_STALLED, GB, 0, -1, 8, STREAMER_ERROR_BUSY, NULL,
    "The server is busy, trying again in 8 s" },
  { "paused", STREAMER_TRANSFER_PAUSED, GB, 619 * GB / 1000, -1, 0, -1, NULL, "Paused at 61 %" },
  { "needs-token", STREAMER_TRANSFER_NEEDS_TOKEN, GB, 0, -1, 0, STREAMER_ERROR_AUTH, NULL,
    "Sign-in needed" },
  { "finishing", STREAMER_TRANSFER_FINISHING, GB, GB, -1, 0, -1, NULL, "Finishing…" },
  { "done", STREAMER_TRANSFER_DONE, GB, GB, -1, 0, -1, "https://example.org/a%20b",
    "Uploaded: https://example.org/a%20b" },
  { "done-no-link", STREAMER_TRANSFER_DONE, GB, GB, -1, 0, -1, NULL, "Uploaded" },
  { "failed", STREAMER_TRANSFER_FAILED, GB, 0, -1, 0, STREAMER_ERROR_FORBIDDEN, NULL,
    "The server's  words <b>" },
  { "failed-without-reason", STREAMER_TRANSFER_FAILED, GB, 0, -1, 0, -1, NULL,
    "The upload failed" },
  { "changed", STREAMER_TRANSFER_FAILED, GB, 0, -1, 0, STREAMER_ERROR_CHANGED, NULL,
    "The file changed since the upload started" },
  { "cancelled", STREAMER_TRANSFER_CANCELLED, GB, 0, -1, 0, -1, NULL, "Cancelled" },
};

static StreamerTransferFacts
make_facts (const StatusCase *c, const GError *error)
{
  StreamerTransferFacts facts = {
    .state = c->state,
    .size = c->size,
    .sent = c->sent,
    .fraction = c->size > 0 ? (double) c->sent / (double) c->size : 0,
    .time_left = c->time_left,
    .retry_in = c->retry_in,
    .can_resume = TRUE,
    .can_start_over = TRUE,
    .has_file = TRUE,
    .error = error,
    .url = c->url,
  };

  return facts;
}

static void
test_status (gconstpointer data)
{
  const StatusCase *c = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *status = NULL;
  StreamerTransferFacts facts;

  if (c->error >= 0)
    error = g_error_new_literal (STREAMER_ERROR, c->error, "The server's\r\nwords <b>");
  facts = make_facts (c, error);
  status = streamer_transfer_facts_get_status (&facts);

  assert_text (status, c->status);
}

static void
test_pace_is_shown_while_bytes_move (void)
{
  StreamerTransferFacts facts = { .state = STREAMER_TRANSFER_UPLOADING,
                                  .speed = 38200000,
                                  .time_left = 180 };
  g_autofree char *moving = streamer_transfer_facts_get_pace (&facts);
  g_autofree char *unknown = NULL;
  g_autofree char *paused = NULL;

  assert_text (moving, "38 MB/s, about 3 minutes left");

  facts.speed = 0;
  unknown = streamer_transfer_facts_get_pace (&facts);
  assert_text (unknown, "");

  facts.speed = 38200000;
  facts.state = STREAMER_TRANSFER_PAUSED;
  paused = streamer_transfer_facts_get_pace (&facts);
  assert_text (paused, "");
}

static void
assert_speed (guint64 speed, const char *expected)
{
  g_autofree char *text = streamer_speed_text (speed);

  assert_text (text, expected);
}

static void
test_speed_is_short (void)
{
  assert_speed (3812345, "3.8 MB/s");
  assert_speed (38123456, "38 MB/s");
  assert_speed (1250000000, "1.2 GB/s");
  assert_speed (12500, "12 kB/s");
  assert_speed (500, "500 bytes/s");
}

static void
test_kept_bytes_are_promised_only_where_they_help (void)
{
  g_autoptr (GError) network = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_NETWORK, "x");
  g_autoptr (GError) changed = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_CHANGED, "x");
  StreamerTransferFacts facts = {
    .state = STREAMER_TRANSFER_FAILED, .sent = 5 * GB, .can_resume = TRUE, .error = network
  };
  g_autofree char *kept = streamer_transfer_facts_get_kept (&facts);

  assert_text (kept, "5.0 GB are on the server and need not be sent again.");

  facts.error = changed;
  g_assert_null (streamer_transfer_facts_get_kept (&facts));

  facts.error = network;
  facts.sent = 0;
  g_assert_null (streamer_transfer_facts_get_kept (&facts));
}

typedef struct
{
  const char *name;
  StreamerTransferState state;
  int error; /* of STREAMER_ERROR, or -1 */
  guint verbs;
  guint main_verb;
} VerbsCase;

#define VERB(name) STREAMER_TRANSFER_VERB_##name

static const VerbsCase verbs_cases[] = {
  { "waiting", STREAMER_TRANSFER_WAITING, -1, VERB (START_NOW) | VERB (PAUSE) | VERB (CANCEL),
    VERB (START_NOW) },
  { "uploading", STREAMER_TRANSFER_UPLOADING, -1, VERB (PAUSE) | VERB (CANCEL), VERB (PAUSE) },
  { "stalled", STREAMER_TRANSFER_STALLED, STREAMER_ERROR_NETWORK,
    VERB (TRY_NOW) | VERB (PAUSE) | VERB (COPY_DETAILS) | VERB (CANCEL), VERB (TRY_NOW) },
  { "paused", STREAMER_TRANSFER_PAUSED, -1, VERB (RESUME) | VERB (CANCEL), VERB (RESUME) },
  { "needs-token", STREAMER_TRANSFER_NEEDS_TOKEN, STREAMER_ERROR_AUTH,
    VERB (ENTER_TOKEN) | VERB (CANCEL), VERB (ENTER_TOKEN) },
  { "finishing", STREAMER_TRANSFER_FINISHING, -1, 0, 0 },
  { "done", STREAMER_TRANSFER_DONE, -1,
    VERB (COPY_LINK) | VERB (OPEN_LINK) | VERB (SHOW_IN_FILES) | VERB (UPLOAD_AGAIN) |
        VERB (REMOVE_FROM_SERVER) | VERB (REMOVE_FROM_LIST),
    VERB (COPY_LINK) },
  { "failed", STREAMER_TRANSFER_FAILED, STREAMER_ERROR_FORBIDDEN,
    VERB (TRY_AGAIN) | VERB (COPY_DETAILS) | VERB (REMOVE_FROM_LIST), VERB (TRY_AGAIN) },
  { "changed", STREAMER_TRANSFER_FAILED, STREAMER_ERROR_CHANGED,
    VERB (START_OVER) | VERB (COPY_DETAILS) | VERB (REMOVE_FROM_LIST), VERB (START_OVER) },
  { "exists", STREAMER_TRANSFER_FAILED, STREAMER_ERROR_EXISTS,
    VERB (REPLACE) | VERB (TRY_AGAIN) | VERB (COPY_DETAILS) | VERB (REMOVE_FROM_LIST),
    VERB (REPLACE) },
  { "cancelled", STREAMER_TRANSFER_CANCELLED, -1, VERB (START_OVER) | VERB (REMOVE_FROM_LIST),
    VERB (START_OVER) },
};

static void
test_verbs (gconstpointer data)
{
  const VerbsCase *c = data;
  const StreamerTransferVerbInfo *info;
  g_autoptr (GError) error = NULL;
  StreamerTransferFacts facts = {
    .state = c->state, .can_resume = TRUE, .can_start_over = TRUE, .has_file = TRUE
  };

  if (c->error >= 0)
    error = g_error_new_literal (STREAMER_ERROR, c->error, "x");
  facts.error = error;

  g_assert_cmphex (streamer_transfer_facts_get_verbs (&facts), ==, c->verbs);
  info = streamer_transfer_verbs_get_main (c->verbs);
  g_assert_cmphex (info != NULL ? info->verb : 0, ==, c->main_verb);
}

static void
test_bucket_needs_keys (void)
{
  g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_AUTH, "x");
  StreamerTransferFacts facts = { .state = STREAMER_TRANSFER_NEEDS_TOKEN,
                                  .error = error,
                                  .is_for_bucket = TRUE };
  const StreamerTransferVerbInfo *info;

  g_assert_cmphex (streamer_transfer_facts_get_verbs (&facts), ==,
                   VERB (ENTER_KEYS) | VERB (CANCEL));
  info = streamer_transfer_verbs_get_main (VERB (ENTER_KEYS) | VERB (CANCEL));
  g_assert_cmpstr (info->label, ==, "Enter Keys…");
}

static void
test_what_never_began_is_not_tried_again (void)
{
  g_autoptr (GError) error = g_error_new_literal (STREAMER_ERROR, STREAMER_ERROR_INVALID, "x");
  StreamerTransferFacts facts = { .state = STREAMER_TRANSFER_FAILED, .error = error };

  g_assert_cmphex (streamer_transfer_facts_get_verbs (&facts), ==,
                   VERB (COPY_DETAILS) | VERB (REMOVE_FROM_LIST));
}

static void
test_every_verb_is_described (void)
{
  for (guint i = 0; i < STREAMER_TRANSFER_N_VERBS; i++)
    {
      g_assert_cmphex (streamer_transfer_verbs[i].verb, ==, 1 << i);
      g_assert_true (g_str_has_prefix (streamer_transfer_verbs[i].action, "win."));
      g_assert_nonnull (streamer_transfer_verbs[i].label);
      g_assert_true (g_str_has_suffix (streamer_transfer_verbs[i].icon_name, "-symbolic"));
    }
}

static void
test_parts (void)
{
  g_autofree char *waiting = streamer_part_status (STREAMER_PART_WAITING, 0, 100, 0);
  g_autofree char *active = streamer_part_status (STREAMER_PART_ACTIVE, 12300000, 104857600, 0);
  g_autofree char *retrying = streamer_part_status (STREAMER_PART_RETRYING, 0, 100, 2);
  g_autofree char *done = streamer_part_status (STREAMER_PART_DONE, 104857600, 104857600, 0);
  g_autofree char *failed = streamer_part_status (STREAMER_PART_FAILED, 0, 100, 5);

  assert_text (waiting, "Waiting");
  assert_text (active, "12.3 of 104.9 MB");
  assert_text (retrying, "Trying again after 2 failures");
  assert_text (done, "Uploaded, 104.9 MB");
  assert_text (failed, "Failed");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (status_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/transfer-status/says/", status_cases[i].name, NULL);

      g_test_add_data_func (path, &status_cases[i], test_status);
    }
  for (guint i = 0; i < G_N_ELEMENTS (verbs_cases); i++)
    {
      g_autofree char *path = g_strconcat ("/transfer-status/offers/", verbs_cases[i].name, NULL);

      g_test_add_data_func (path, &verbs_cases[i], test_verbs);
    }
  g_test_add_func ("/transfer-status/bucket-needs-keys", test_bucket_needs_keys);
  g_test_add_func ("/transfer-status/offers/nothing-for-what-never-began",
                   test_what_never_began_is_not_tried_again);
  g_test_add_func ("/transfer-status/every-verb-is-described", test_every_verb_is_described);
  g_test_add_func ("/transfer-status/pace-is-shown-while-bytes-move",
                   test_pace_is_shown_while_bytes_move);
  g_test_add_func ("/transfer-status/speed-is-short", test_speed_is_short);
  g_test_add_func ("/transfer-status/kept-bytes-are-promised-only-where-they-help",
                   test_kept_bytes_are_promised_only_where_they_help);
  g_test_add_func ("/transfer-status/parts", test_parts);

  return g_test_run ();
}
