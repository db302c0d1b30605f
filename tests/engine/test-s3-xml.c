/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "streamer-error.h"
#include "streamer-s3-xml.h"

#define XML   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define XMLNS " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\""

static void
test_error (void)
{
  static const char *const text = XML
      "<Error><Code>AuthorizationHeaderMalformed</Code><Message>a &lt;b&gt; &amp;&#x41;<![CDATA[<c>]]>"
      "</Message><Region>eu-west-1</Region><Endpoint>b.s3.amazonaws.com</Endpoint>"
      "<RequestId>R</RequestId><Other><Code>no</Code></Other></Error>";
  g_autoptr (GError) error = NULL;
  StreamerS3XmlError result = { 0 };

  g_assert_true (streamer_s3_xml_is_error (text, strlen (text)));
  g_assert_true (streamer_s3_xml_read_error (text, strlen (text), &result, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (result.code, ==, "AuthorizationHeaderMalformed");
  g_assert_cmpstr (result.message, ==, "a <b> &A<c>");
  g_assert_cmpstr (result.region, ==, "eu-west-1");
  g_assert_cmpstr (result.endpoint, ==, "b.s3.amazonaws.com");
  g_assert_cmpstr (result.request_id, ==, "R");
  streamer_s3_xml_error_clear (&result);
}

/* A refusal that was cut still says what it said. */
static void
test_cut_error (void)
{
  static const char *const text = "<Error><Code>SlowDown</Code><Mess";
  StreamerS3XmlError result = { 0 };

  g_assert_true (streamer_s3_xml_is_error (text, strlen (text)));
  g_assert_false (streamer_s3_xml_read_error (text, strlen (text), &result, NULL));
  g_assert_cmpstr (result.code, ==, "SlowDown");
  streamer_s3_xml_error_clear (&result);
  g_assert_false (streamer_s3_xml_is_error ("", 0));
  g_assert_false (streamer_s3_xml_is_error (NULL, 0));
  g_assert_false (streamer_s3_xml_is_error (" \r\n", 3));
  g_assert_false (streamer_s3_xml_is_error ("<Result/>", 9));
  g_assert_false (streamer_s3_xml_is_error ("{}", 2));
}

static void
test_upload_id (void)
{
  static const char *const texts[] = {
    XML "<InitiateMultipartUploadResult" XMLNS "><Bucket>b</Bucket><Key>k</Key>"
        "<UploadId>2~id/+=</UploadId></InitiateMultipartUploadResult>\n",
    "<s3:InitiateMultipartUploadResult xmlns:s3=\"urn:x\"><s3:UploadId>2~id/+=</s3:UploadId>"
    "</s3:InitiateMultipartUploadResult>",
    "   \r\n" XML "<!-- hello --><InitiateMultipartUploadResult><UploadId>2~id/+=</UploadId>"
    "</InitiateMultipartUploadResult>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *id = streamer_s3_xml_read_upload_id (texts[i], strlen (texts[i]), &error);

      g_assert_no_error (error);
      g_assert_cmpstr (id, ==, "2~id/+=");
    }
}

static void
test_etags (void)
{
  static const char *const completed =
      XML "<CompleteMultipartUploadResult" XMLNS "><Location>http://x/</Location>"
          "<ETag>&quot;0123-2&quot;</ETag></CompleteMultipartUploadResult>";
  static const char *const bare = "<CompleteMultipartUploadResult/>";
  static const char *const copied =
      "<CopyPartResult><LastModified>2009-10-28T22:32:00.000Z</LastModified>"
      "<ETag>\"9b\"</ETag></CopyPartResult>";
  g_autoptr (GError) error = NULL;
  g_autofree char *first = streamer_s3_xml_read_completed (completed, strlen (completed), NULL);
  g_autofree char *second = streamer_s3_xml_read_completed (bare, strlen (bare), NULL);
  g_autofree char *third = streamer_s3_xml_read_copied (copied, strlen (copied), NULL);

  g_assert_cmpstr (first, ==, "\"0123-2\"");
  g_assert_cmpstr (second, ==, "");
  g_assert_cmpstr (third, ==, "\"9b\"");
  g_assert_null (streamer_s3_xml_read_copied ("<CopyPartResult/>", 17, &error));
  g_assert_error (error, STREAMER_ERROR, STREAMER_ERROR_PROTOCOL);
}

static void
test_parts (void)
{
  static const char *const first =
      XML "<ListPartsResult" XMLNS "><Bucket>b</Bucket><Initiator><ID>i</ID></Initiator>"
          "<PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>3</NextPartNumberMarker>"
          "<MaxParts>2</MaxParts><IsTruncated>true</IsTruncated>"
          "<Part><PartNumber>1</PartNumber><LastModified>x</LastModified>"
          "<ETag>&quot;a&quot;</ETag><Size>5242880</Size></Part>"
          "<Part><PartNumber>3</PartNumber><Size>0</Size></Part></ListPartsResult>";
  static const char *const last =
      "<ListPartsResult><NextPartNumberMarker>9</NextPartNumberMarker>"
      "<IsTruncated>false</IsTruncated><Part><ETag>b</ETag><PartNumber>10000</PartNumber>"
      "<Size>9223372036854775807</Size></Part></ListPartsResult>";
  g_autoptr (GArray) parts = streamer_s3_xml_new_parts ();
  g_autoptr (GError) error = NULL;
  const StreamerStoredPart *part;
  guint next = 77;

  g_assert_true (streamer_s3_xml_read_parts (first, strlen (first), parts, &next, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (next, ==, 3);
  g_assert_true (streamer_s3_xml_read_parts (last, strlen (last), parts, &next, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (next, ==, 0);
  g_assert_cmpuint (parts->len, ==, 3);
  part = &g_array_index (parts, StreamerStoredPart, 0);
  g_assert_cmpuint (part->number, ==, 1);
  g_assert_cmpuint (part->size, ==, 5242880);
  g_assert_cmpstr (part->etag, ==, "\"a\"");
  g_assert_cmpstr (part[1].etag, ==, "");
  g_assert_cmpuint (part[2].number, ==, 10000);
  g_assert_cmpuint (part[2].size, ==, G_MAXINT64);
}

static void
test_uploads (void)
{
  static const char *const text =
      "<ListMultipartUploadsResult" XMLNS "><NextKeyMarker>p/é &amp; x</NextKeyMarker>"
      "<NextUploadIdMarker>2</NextUploadIdMarker><IsTruncated>true</IsTruncated>"
      "<Upload><Key> p/a </Key><UploadId>1</UploadId>"
      "<Initiated>2010-11-10T20:48:33.000Z</Initiated><Owner><ID>o</ID></Owner></Upload>"
      "<Upload><Key>p/é &amp; x</Key><UploadId>2</UploadId></Upload></ListMultipartUploadsResult>";
  g_autoptr (GArray) uploads = streamer_unfinished_array_new ();
  g_autofree char *key = NULL;
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;
  const StreamerUnfinished *upload;

  g_assert_true (streamer_s3_xml_read_uploads (text, strlen (text), uploads, &key, &id, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (key, ==, "p/é & x");
  g_assert_cmpstr (id, ==, "2");
  g_assert_cmpuint (uploads->len, ==, 2);
  upload = &g_array_index (uploads, StreamerUnfinished, 0);
  g_assert_cmpstr (upload->key, ==, " p/a ");
  g_assert_cmpstr (upload->upload_id, ==, "1");
  g_assert_cmpint (upload->began_at, ==, 1289422113);
  g_assert_cmpint (upload[1].began_at, ==, 0);
}

static void
refuse_parts (const char *text, gsize length, StreamerError code)
{
  g_autoptr (GArray) parts = streamer_s3_xml_new_parts ();
  g_autoptr (GError) error = NULL;
  guint next;

  g_assert_false (streamer_s3_xml_read_parts (text, length, parts, &next, &error));
  g_assert_error (error, STREAMER_ERROR, (int) code);
}

#define LIST(inner) "<ListPartsResult>" inner "</ListPartsResult>"
#define PART(inner) LIST ("<Part>" inner "</Part>")

static void
test_values_that_cannot_be (void)
{
  static const char *const texts[] = {
    PART (""),
    PART ("<PartNumber>0</PartNumber>"),
    PART ("<PartNumber>10001</PartNumber>"),
    PART ("<PartNumber>-1</PartNumber>"),
    PART ("<PartNumber>1 </PartNumber>"),
    PART ("<PartNumber>1</PartNumber><Size>-1</Size>"),
    PART ("<PartNumber>1</PartNumber><Size>9223372036854775808</Size>"),
    PART ("<PartNumber>1</PartNumber><Size>1e3</Size>"),
    LIST ("<Part><PartNumber>2</PartNumber></Part><Part><PartNumber>2</PartNumber></Part>"),
    LIST ("<Part><PartNumber>2</PartNumber></Part><Part><PartNumber>1</PartNumber></Part>"),
    LIST ("<IsTruncated>yes</IsTruncated>"),
    LIST ("<IsTruncated>true</IsTruncated>"),
    LIST ("<IsTruncated>true</IsTruncated><NextPartNumberMarker>x</NextPartNumberMarker>"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_test_message ("%s", texts[i]);
      refuse_parts (texts[i], strlen (texts[i]), STREAMER_ERROR_PROTOCOL);
    }
}

static void
test_what_is_not_the_answer (void)
{
  static const char *const texts[] = {
    "<ListMultipartUploadsResult/>",
    "<Error><Code>x</Code></Error>",
    "<!DOCTYPE html><html><body>Sign in</body></html>",
    "<!DOCTYPE l [<!ENTITY a \"b\">]><ListPartsResult>&a;</ListPartsResult>",
    "<!DOCTYPE l SYSTEM \"file:///etc/passwd\"><ListPartsResult/>",
    "<?xml-stylesheet href=\"x\"?><ListPartsResult/>",
    "<ListPartsResult>&lol;</ListPartsResult>",
    "<ListPartsResult>&#0;</ListPartsResult>",
    "<ListPartsResult></Part></ListPartsResult>",
    "<ListPartsResult/><ListPartsResult/>",
    "<ListPartsResult x=1/>",
    "<ListPartsResult>\xff\xfe</ListPartsResult>",
    "{\"ListPartsResult\": 1}",
    "text",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_test_message ("case %u", i);
      refuse_parts (texts[i], strlen (texts[i]), STREAMER_ERROR_PROTOCOL);
    }
}

/* Each beginning of a good answer says that it was cut, and nothing else. */
static void
test_cut (void)
{
  static const char *const text =
      XML "<ListPartsResult" XMLNS "><IsTruncated>false</IsTruncated><Part>"
          "<PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag></Part></ListPartsResult>";

  for (gsize length = 0; length < strlen (text); length++)
    {
      g_autofree char *cut = g_strndup (text, length);

      g_test_message ("%s", cut);
      refuse_parts (cut, length, STREAMER_ERROR_NETWORK);
    }
  refuse_parts (NULL, 0, STREAMER_ERROR_NETWORK);
}

/* @n times @inner, in the root element */
static GString *
repeat (const char *before, const char *inner, guint n, const char *after)
{
  GString *text = g_string_new (before);

  for (guint i = 0; i < n; i++)
    g_string_append (text, inner);
  return g_string_append (text, after);
}

static void
refuse_repeated (const char *before, const char *inner, guint n, const char *after)
{
  GString *text = repeat (before, inner, n, after);

  refuse_parts (text->str, text->len, STREAMER_ERROR_PROTOCOL);
  g_string_free (text, TRUE);
}

/* What stands before it is understood, and counts for a refusal. */
static void
test_not_utf_8 (void)
{
  static const struct
  {
    const char *text;
    StreamerError code;
  } cases[] = {
    { "<Error><Code>SlowDown</Code><?a \377?></Error>", STREAMER_ERROR_PROTOCOL },
    { "<Error><Code>SlowDown</Code><Message>\351t\351</Message></Error>", STREAMER_ERROR_PROTOCOL },
    { "<Error><Code>SlowDown</Code><![CDATA[\377]]></Error>", STREAMER_ERROR_PROTOCOL },
    { "<Error><Code>SlowDown</Code><!--\377--></Error>", STREAMER_ERROR_PROTOCOL },
    { "<Error><Code>SlowDown</Code><\377/></Error>", STREAMER_ERROR_PROTOCOL },
    { "<Error><Code>SlowDown</Code></Error>\377", STREAMER_ERROR_PROTOCOL },
    { "<Error><Code>SlowDown</Code></Error>\303", STREAMER_ERROR_NETWORK },
    { "<Error><Code>SlowDown</Code><Message>\342\202", STREAMER_ERROR_NETWORK },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      StreamerS3XmlError result = { 0 };
      g_autoptr (GError) error = NULL;

      g_test_message ("case %u", i);
      g_assert_false (
          streamer_s3_xml_read_error (cases[i].text, strlen (cases[i].text), &result, &error));
      g_assert_error (error, STREAMER_ERROR, (int) cases[i].code);
      g_assert_cmpstr (result.code, ==, "SlowDown");
      streamer_s3_xml_error_clear (&result);
    }
}

static void
test_limits (void)
{
  g_autofree char *blanks = g_strnfill (STREAMER_S3_XML_MAX_BYTES, ' ');

  refuse_repeated ("<ListPartsResult>", "<a>", 100000, "");
  refuse_repeated ("<ListPartsResult>", "<a>", STREAMER_S3_XML_MAX_DEPTH, "");
  refuse_repeated ("<ListPartsResult>", "<a/>", 100000, "</ListPartsResult>");
  refuse_repeated ("<ListPartsResult>", "<a/>", STREAMER_S3_XML_MAX_ELEMENTS, "</ListPartsResult>");
  refuse_repeated ("<ListPartsResult><a>", "x", STREAMER_S3_XML_MAX_FIELD + 1,
                   "</a></ListPartsResult>");
  refuse_repeated ("<", "a", 100000, "/>");
  refuse_repeated (blanks, "<ListPartsResult/>", 1, "");
  refuse_parts ("<ListPartsResult>\0</ListPartsResult>", 36, STREAMER_ERROR_PROTOCOL);
}

/* What is just within the limits is taken. */
static void
test_within_limits (void)
{
  g_autoptr (GString) text = g_string_new ("<ListPartsResult>");
  g_autoptr (GArray) parts = streamer_s3_xml_new_parts ();
  g_autoptr (GError) error = NULL;
  guint next;

  for (guint i = 1; i <= 1000; i++)
    g_string_append_printf (text,
                            "<Part><PartNumber>%u</PartNumber><LastModified>2010-11-10T20:48:34."
                            "000Z</LastModified><ETag>&quot;7778aef83f66abc1fa1e8477f296d394&quot;"
                            "</ETag><Size>10485760</Size><ChecksumCRC32>x</ChecksumCRC32>"
                            "<ChecksumCRC32C>x</ChecksumCRC32C><ChecksumSHA1>x</ChecksumSHA1>"
                            "<ChecksumSHA256>x</ChecksumSHA256></Part>",
                            i);
  g_string_append (text, "</ListPartsResult>");
  g_assert_true (streamer_s3_xml_read_parts (text->str, text->len, parts, &next, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (parts->len, ==, 1000);
}

static void
test_make_complete (void)
{
  g_autoptr (GArray) parts = streamer_s3_xml_new_parts ();
  StreamerStoredPart first = { .number = 1, .etag = g_strdup ("\"a&<\"") };
  StreamerStoredPart second = { .number = 10000, .etag = g_strdup ("b") };
  g_autofree char *xml = NULL;

  g_array_append_val (parts, first);
  g_array_append_val (parts, second);
  xml = streamer_s3_xml_make_complete (parts);
  g_assert_cmpstr (xml, ==,
                   "<CompleteMultipartUpload" XMLNS ">"
                   "<Part><PartNumber>1</PartNumber><ETag>&quot;a&amp;&lt;&quot;</ETag></Part>"
                   "<Part><PartNumber>10000</PartNumber><ETag>b</ETag></Part>"
                   "</CompleteMultipartUpload>");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/s3-xml/error", test_error);
  g_test_add_func ("/s3-xml/cut-error", test_cut_error);
  g_test_add_func ("/s3-xml/upload-id", test_upload_id);
  g_test_add_func ("/s3-xml/etags", test_etags);
  g_test_add_func ("/s3-xml/parts", test_parts);
  g_test_add_func ("/s3-xml/uploads", test_uploads);
  g_test_add_func ("/s3-xml/values-that-cannot-be", test_values_that_cannot_be);
  g_test_add_func ("/s3-xml/what-is-not-the-answer", test_what_is_not_the_answer);
  g_test_add_func ("/s3-xml/cut", test_cut);
  g_test_add_func ("/s3-xml/not-utf-8", test_not_utf_8);
  g_test_add_func ("/s3-xml/limits", test_limits);
  g_test_add_func ("/s3-xml/within-limits", test_within_limits);
  g_test_add_func ("/s3-xml/make-complete", test_make_complete);
  return g_test_run ();
}
