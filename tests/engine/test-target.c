/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-target.h"

#include <string.h>

#include "streamer-error.h"

static StreamerTarget *
make_target (gboolean bucket)
{
  g_autoptr (StreamerSecrets) secrets = streamer_memory_secrets_new (NULL);
  g_autoptr (StreamerConnection) connection = NULL;
  g_autoptr (StreamerS3Place) place = streamer_s3_place_new ();

  g_assert_true (streamer_s3_place_set_uri (place, "s3://bucket", NULL));
  connection = bucket ? streamer_connection_new_s3 ("id", "name", place, NULL, secrets)
                      : streamer_connection_new_request_api ("id", "name", "http://127.0.0.1/",
                                                             NULL, secrets);
  return streamer_target_new (connection);
}

static void
assert_refused (const StreamerTarget *target, const char *word)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (streamer_target_check (target, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_INVALID);
  if (strstr (error->message, word) == NULL)
    g_error ("“%s” does not speak of “%s”", error->message, word);
}

static void
test_nothing_is_wrong_with_nothing (void)
{
  for (guint bucket = 0; bucket <= 1; bucket++)
    {
      g_autoptr (StreamerTarget) target = make_target (bucket);
      g_autoptr (GError) error = NULL;

      g_assert_true (streamer_target_check (target, &error));
      g_assert_no_error (error);
    }
}

static void
test_a_content_type_is_for_all (void)
{
  for (guint bucket = 0; bucket <= 1; bucket++)
    {
      g_autoptr (StreamerTarget) target = make_target (bucket);

      target->content_type = g_strdup ("text/html; charset=utf-8");
      g_assert_true (streamer_target_check (target, NULL));
      g_free (target->content_type);
      target->content_type = g_strdup ("html");
      assert_refused (target, "content type");
    }
}

static void
test_the_rest_is_for_buckets (void)
{
  const char *metadata[] = { "author", "me", NULL };
  g_autoptr (StreamerTarget) bucket = make_target (TRUE);
  g_autoptr (StreamerTarget) with_class = make_target (FALSE);
  g_autoptr (StreamerTarget) with_metadata = make_target (FALSE);

  bucket->storage_class = g_strdup ("STANDARD_IA");
  bucket->metadata = g_strdupv ((char **) metadata);
  g_assert_true (streamer_target_check (bucket, NULL));
  with_class->storage_class = g_strdup ("STANDARD_IA");
  assert_refused (with_class, "bucket");
  with_metadata->metadata = g_strdupv ((char **) metadata);
  assert_refused (with_metadata, "bucket");
}

static void
test_what_s3_does_not_take (void)
{
  g_autofree char *long_value = g_strnfill (2048 - strlen ("name") + 1, 'x');
  g_autofree char *longest = g_strndup (long_value, strlen (long_value) - 1);
  const struct
  {
    const char *metadata[5];
    const char *word; /* (nullable): NULL where it is good */
  } cases[] = {
    { { "Name", longest, NULL }, NULL },       { { "Name", long_value, NULL }, "2,048" },
    { { "a-b_c.d", "~ !", "e", "f" }, NULL },  { { "na me", "x", NULL }, "na me" },
    { { "näme", "x", NULL }, "näme" },         { { "na:me", "x", NULL }, "na:me" },
    { { "name", "", NULL }, "name" },          { { "name", " x", NULL }, "name" },
    { { "name", "a\nb", NULL }, "name" },      { { "name", "ü", NULL }, "ASCII" },
    { { "name", "1", "NAME", "2" }, "twice" },
  };
  g_autoptr (StreamerTarget) empty_class = make_target (TRUE);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (StreamerTarget) target = make_target (TRUE);

      target->metadata = g_strdupv ((char **) cases[i].metadata);
      if (cases[i].word != NULL)
        assert_refused (target, cases[i].word);
      else
        g_assert_true (streamer_target_check (target, NULL));
    }
  empty_class->storage_class = g_strdup ("");
  assert_refused (empty_class, "storage class");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/target/nothing-is-wrong-with-nothing", test_nothing_is_wrong_with_nothing);
  g_test_add_func ("/target/a-content-type-is-for-all", test_a_content_type_is_for_all);
  g_test_add_func ("/target/the-rest-is-for-buckets", test_the_rest_is_for_buckets);
  g_test_add_func ("/target/what-s3-does-not-take", test_what_s3_does_not_take);
  return g_test_run ();
}
