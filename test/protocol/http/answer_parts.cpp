#include "protocol/http/error_body.hpp"
#include "protocol/http/http_date.hpp"
#include "protocol/http/redact.hpp"
#include "protocol/http/server_url.hpp"
#include "protocol/http/uuid.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

using namespace mistral::workflows;
using namespace mistral::workflows::protocol;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::sys_seconds noon{std::chrono::seconds(784'111'777)};  // Sun, 06 Nov 1994 08:49:37 GMT

auto names(std::string_view part) {
  return [part](const invalid_argument& e) {
    return e.field() == "server_url" && std::string_view(e.what()).find(part) != std::string_view::npos;
  };
}

server_url parsed(std::string_view text, bool insecure = false) {
  return parse_server_url(text, insecure, "server_url");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(answer_parts)

BOOST_AUTO_TEST_CASE(an_http_date_is_read_and_nothing_else_is_taken_for_one) {
  BOOST_TEST((parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT") == noon));
  for (const char* text :
       {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37", "Sun, 0x Nov 1994 08:49:37 GMT",
        "Sun, Nov  6 08:49:37 1994", "Sun Nov 6 08:49:37 1994", "Sunday 06-Nov-94 08:49:37 GMT", "Sun, ",
        " "})
    BOOST_TEST(!parse_http_date(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(the_two_older_notations_of_an_http_date_are_read_too) {
  BOOST_TEST((parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT") == noon));
  BOOST_TEST((parse_http_date("Sun Nov  6 08:49:37 1994") == noon));
  BOOST_TEST((parse_http_date("Wed Nov 16 08:49:37 1994") == noon + 240h));
  BOOST_TEST((parse_http_date("Friday, 06-Nov-26 08:49:37 GMT") ==
              parse_http_date("Fri, 06 Nov 2026 08:49:37 GMT")));
}

BOOST_AUTO_TEST_CASE(an_age_is_a_number_of_seconds_and_anything_else_is_none) {
  BOOST_TEST((parse_age("0") == 0s));
  BOOST_TEST((parse_age("59") == 59s));
  for (const char* text : {"2147483648", "2147483649", "99999999999999999999999"})
    BOOST_TEST((parse_age(text) == 2147483648s), text);
  for (const char* text : {"", "-5", "1.5", "5, 7", "old"}) BOOST_TEST((parse_age(text) == 0s), text);
}

BOOST_AUTO_TEST_CASE(retry_after_is_seconds_or_a_date_relative_to_the_servers_clock) {
  BOOST_TEST((parse_retry_after("120", noon) == 120'000ms));
  BOOST_TEST((parse_retry_after("0", noon) == 0ms));
  BOOST_TEST((parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", noon) == 10'000ms));
  BOOST_TEST((parse_retry_after("Sun, 06 Nov 1994 08:49:07 GMT", noon) == 0ms));
  // Long is long, and no clock overflows.
  for (const char* text : {"4294967296", "99999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"})
    BOOST_TEST((parse_retry_after(text, noon) == longest_retry_after), text);
  for (const char* text : {"", "-1", "1.5", "soon", "+1", "1 "})
    BOOST_TEST(!parse_retry_after(text, noon).has_value(), text);
}

BOOST_AUTO_TEST_CASE(an_error_body_gives_code_and_detail) {
  api_error_details d;
  read_error_body(R"({"detail":"no such workflow","code":"WF_1100"})", {}, d);
  BOOST_TEST(d.code == "WF_1100");
  BOOST_TEST(d.detail == "no such workflow");
  BOOST_TEST(d.body.as_object().size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_validation_error_gives_one_item_per_fault_with_its_place) {
  api_error_details d;
  read_error_body(
      R"({"detail":[{"loc":["body","input",0],"msg":"too long","type":"string_too_long"},{"loc":"query"}]})",
      {}, d);
  BOOST_REQUIRE(d.validation.size() == 2u);
  BOOST_TEST(d.validation[0].location == "body.input.0");
  BOOST_TEST(d.validation[0].message == "too long");
  BOOST_TEST(d.validation[0].type == "string_too_long");
  BOOST_TEST(d.validation[1].location == "query");
}

BOOST_AUTO_TEST_CASE(a_body_that_is_not_the_apis_is_shown_in_part) {
  api_error_details d;
  read_error_body("<html>\r\n<h1>502 Bad Gateway</h1>" + std::string(2000, 'x'), {}, d);
  BOOST_TEST(d.detail.starts_with("<html>  <h1>502 Bad Gateway</h1>"));
  BOOST_TEST(d.detail.size() == excerpt_size);
  BOOST_TEST(d.code.empty());
}

BOOST_AUTO_TEST_CASE(what_is_shown_of_a_body_is_utf_8_and_cuts_no_character) {
  constexpr std::string_view replaced = "\xEF\xBF\xBD";
  const std::string euro = "\xE2\x82\xAC";
  std::string long_text = "a";
  while (long_text.size() < 2000) long_text += euro;
  std::string whole = long_text.substr(0, 511);
  while (!whole.ends_with(euro)) whole.pop_back();
  const std::string all_binary(600, '\xff');
  const std::pair<std::string, std::string> texts[] = {
      {"a\xff"
       "b",
       "a" + std::string(replaced) + "b"},
      {"\xE2\x82", std::string(replaced)},
      {"\xE2\x82x\xC0\x80", std::string(replaced) + "x" + std::string(replaced) + std::string(replaced)},
      {"\xED\xA0\x80", std::string(replaced) + std::string(replaced) + std::string(replaced)},
      {"\xF4\x90\x80\x80\xF0\x9F\x98\x80", std::string(replaced) + std::string(replaced) +
                                               std::string(replaced) + std::string(replaced) +
                                               "\xF0\x9F\x98\x80"},
      {long_text, whole}};
  for (const auto& [body, shown] : texts) {
    api_error_details d;
    read_error_body(body, {}, d);
    BOOST_TEST(d.detail == shown);
    BOOST_TEST(d.detail.size() <= excerpt_size);
  }
  BOOST_TEST(excerpt(all_binary).size() == 510u);
  BOOST_TEST(excerpt(std::string(600, '\x80')).size() == 510u);
}

BOOST_AUTO_TEST_CASE(a_key_is_taken_out_of_an_error_body_however_it_is_written_there) {
  const std::string_view authorization = "Bearer k/e\"y-12345";
  const char* const bodies[] = {
      R"({"detail":"the key k/e\"y-12345 is bad","code":"WF_1"})",
      R"({"detail":"the key k\/e\"y\u002d12345 is bad","code":"WF_1"})",
      R"({"detail":"the key \u006b/e\u0022y-1234\u0035 is bad","code":"WF_1"})",
      R"({"detail":"the key k\\/e\\\"y\\u002D12345 is bad","code":"WF_1"})",
      R"({"detail":"the key k%2Fe%22y-12345 is bad","code":"WF_1"})",
      R"({"detail":[{"loc":["body","k/e\"y-12345"],"msg":"the key k/e\"y-12345","type":"k/e\"y-12345"}],
          "k/e\"y-\u0031\u0032\u0033\u0034\u0035":1})",
      "<p>k/e\"y-12345</p>",
      "{\"detail\": \"k/e\\\"y\\u002d12345"};
  for (const std::string body : bodies) {
    api_error_details d;
    read_error_body(body, authorization, d);
    std::string all = d.detail + d.code + boost::json::serialize(d.body);
    for (const auto& item : d.validation) all += item.location + item.message + item.type;
    BOOST_TEST(all.find("12345") == std::string::npos, body << " gives " << all);
    BOOST_TEST(all.find("u0031") == std::string::npos, body << " gives " << all);
    BOOST_TEST(all.find("[redacted]") != std::string::npos, body << " gives " << all);
  }
}

BOOST_AUTO_TEST_CASE(several_keys_are_taken_out_the_longest_first) {
  const std::string_view keys = "Bearer secret-key-2\nBearer secret-key\nBearer short\n";
  std::string text = R"(secret-key, secret\u002dkey-2 and secret%2Dkey short)";
  redact(text, keys);
  BOOST_TEST(text == "[redacted], [redacted] and [redacted] short");
  BOOST_TEST(excerpt("secret-key secret-key-2", keys) == "[redacted] [redacted]");
}

BOOST_AUTO_TEST_CASE(a_key_is_taken_out_of_a_json_pointer) {
  std::string text = "at /search_keys/sk~1a~0b~01/0 and ~1 ~0";
  redact(text, "Bearer sk/a~b~1");
  BOOST_TEST(text == "at /search_keys/[redacted]/0 and ~1 ~0");
  redact(text, "Bearer sk-secret~");
  BOOST_TEST(text == "at /search_keys/[redacted]/0 and ~1 ~0");
}

BOOST_AUTO_TEST_CASE(an_excerpt_does_not_end_within_a_key) {
  for (std::size_t before = 490; before < 520; ++before)
    BOOST_TEST(excerpt(std::string(before, 'x') + "secret-key", "Bearer secret-key").find("sec") ==
               std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_url_is_taken_apart) {
  const server_url plain = parsed("https://api.mistral.ai");
  BOOST_TEST(plain.tls);
  BOOST_TEST(plain.host == "api.mistral.ai");
  BOOST_TEST(plain.port == 443);
  BOOST_TEST(plain.host_header == "api.mistral.ai");
  BOOST_TEST(plain.path_prefix.empty());

  const server_url prefixed = parsed("HTTPS://Proxy.Example:8443/mistral/v2/");
  BOOST_TEST(prefixed.host == "proxy.example");
  BOOST_TEST(prefixed.port == 8443);
  BOOST_TEST(prefixed.host_header == "proxy.example:8443");
  BOOST_TEST(prefixed.path_prefix == "/mistral/v2");

  const server_url v6 = parsed("http://[::1]:8080");
  BOOST_TEST(!v6.tls);
  BOOST_TEST(v6.host == "::1");
  BOOST_TEST(v6.host_header == "[::1]:8080");
}

BOOST_AUTO_TEST_CASE(a_name_that_begins_like_an_address_is_a_name) {
  const server_url url = parsed("https://10.0.0.1.nip.io:8443/gate/");
  BOOST_TEST(url.host == "10.0.0.1.nip.io");
  BOOST_TEST(url.port == 8443);
  BOOST_TEST(url.path_prefix == "/gate");
  BOOST_TEST(url.host_header == "10.0.0.1.nip.io:8443");
  BOOST_TEST(parsed("https://1.2.3.4.5").host == "1.2.3.4.5");
  BOOST_TEST(parsed("http://127.0.0.1.:81").host == "127.0.0.1");
  BOOST_TEST(parsed("http://127.0.0.1.:81").port == 81);
  BOOST_CHECK_EXCEPTION(parsed("http://127.0.0.1.evil.example:81"), invalid_argument, names("not loopback"));
}

BOOST_AUTO_TEST_CASE(what_stands_where_a_port_would_is_a_port_or_refused) {
  // Later Boosts than 1.81 see by themselves that there is no URL.
  const auto port_or_url = [](const invalid_argument& e) {
    return names("port")(e) || names("is not a URL")(e);
  };
  for (const char* text :
       {"http://localhost:abc", "http://localhost:-1", "http://localhost:1x", "http://localhost:1:2",
        "http://127.0.0.1::1", "https://localhost.::1", "https://[::1]x:1", "https://[::1].:1"})
    BOOST_CHECK_EXCEPTION(parsed(text), invalid_argument, port_or_url);
  BOOST_CHECK_THROW(parsed("https://[::1]x@evil.example"), invalid_argument);
}

BOOST_AUTO_TEST_CASE(the_root_dot_of_a_host_and_an_empty_port_say_nothing) {
  const server_url rooted = parsed("https://LocalHost.:8443");
  BOOST_TEST(rooted.host == "localhost");
  BOOST_TEST(rooted.host_header == "localhost:8443");
  BOOST_TEST(parsed("http://localhost.:8080").host == "localhost");
  BOOST_TEST(parsed("http://127.0.0.1:").port == 80);
  BOOST_TEST(parsed("https://[::1]:/v2").port == 443);
}

BOOST_AUTO_TEST_CASE(a_server_url_that_cannot_work_is_refused_by_reason) {
  BOOST_CHECK_EXCEPTION(parsed(""), invalid_argument, names("not a URL"));
  BOOST_CHECK_EXCEPTION(parsed("api.mistral.ai"), invalid_argument, names("not a URL"));
  BOOST_CHECK_EXCEPTION(parsed("ftp://x"), invalid_argument, names("https://"));
  BOOST_CHECK_EXCEPTION(parsed("https:///path"), invalid_argument, names("no host"));
  BOOST_CHECK_EXCEPTION(parsed("https://x?a=b"), invalid_argument, names("query"));
  BOOST_CHECK_EXCEPTION(parsed("https://x#f"), invalid_argument, names("fragment"));
  BOOST_CHECK_EXCEPTION(parsed("https://x:0"), invalid_argument, names("port"));
  BOOST_CHECK_EXCEPTION(parsed("https://x:70000"), invalid_argument, names("port"));
  BOOST_CHECK_EXCEPTION(parsed("https://exa%6dple"), invalid_argument, names("a host with a '%'"));
  BOOST_CHECK_THROW(parsed("https://[fe80::1%25eth0]"), invalid_argument);  // some Boosts see no URL in it
}

BOOST_AUTO_TEST_CASE(a_password_in_the_server_url_is_refused_and_not_printed) {
  BOOST_CHECK_EXCEPTION(parsed("https://me:hunter2@x"), invalid_argument, [](const invalid_argument& e) {
    return std::string_view(e.what()).find("hunter2") == std::string_view::npos;
  });
}

BOOST_AUTO_TEST_CASE(plain_http_is_for_loopback_only_unless_allowed) {
  for (const char* text : {"http://localhost:1", "http://127.8.9.1", "http://[::1]", "http://a.localhost"})
    BOOST_TEST(!parsed(text).tls, text);
  BOOST_CHECK_EXCEPTION(parsed("http://api.mistral.ai"), invalid_argument, names("loopback"));
  BOOST_CHECK_EXCEPTION(parsed("http://localhost.example"), invalid_argument, names("loopback"));
  BOOST_TEST(!parsed("http://api.mistral.ai", true).tls);
}

BOOST_AUTO_TEST_CASE(a_version_7_uuid_has_the_time_first_and_the_right_marks) {
  const std::array<std::uint8_t, 10> ones{255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  BOOST_TEST(make_uuid_v7(0x017F22E279B0, ones) == "017f22e2-79b0-7fff-bfff-ffffffffffff");
  BOOST_TEST(make_uuid_v7(0, {}) == "00000000-0000-7000-8000-000000000000");
  BOOST_TEST(is_uuid(make_uuid_v7(1, ones)));
  for (const char* text : {"", "017f22e2-79b0-7fff-bfff-fffffffffff", "017f22e279b07fffbfffffffffffffffff",
                           "g17f22e2-79b0-7fff-bfff-ffffffffffff", "017f22e2-79b0-7fff-bfff-ffffffffffff0"})
    BOOST_TEST(!is_uuid(text), text);
}

BOOST_AUTO_TEST_SUITE_END()
