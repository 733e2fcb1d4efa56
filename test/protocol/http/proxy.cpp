// What proxy settings mean: the table is curl's documented behaviour.
#include "protocol/http/proxy.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace mistral::workflows;
using namespace mistral::workflows::protocol;

BOOST_AUTO_TEST_SUITE(proxy)

BOOST_AUTO_TEST_CASE(a_proxy_is_read_with_and_without_its_scheme_port_and_credentials) {
  struct row {
    const char* text;
    const char* host;
    int port;
    const char* authorization;
  };
  for (const row& expected : {
           row{"http://proxy.corp:3128", "proxy.corp", 3128, ""},
           row{"HTTP://Proxy.Corp:3128/", "proxy.corp", 3128, ""},
           row{"proxy.corp:8080", "proxy.corp", 8080, ""},
           row{"proxy.corp", "proxy.corp", 1080, ""},
           row{"http://[::1]:3128", "::1", 3128, ""},
           row{"http://u:p@10.0.0.1:80", "10.0.0.1", 80, "Basic dTpw"},
           row{"Aladdin:open%20sesame@proxy.corp", "proxy.corp", 1080, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
           row{"http://only-user@proxy.corp:1", "proxy.corp", 1, "Basic b25seS11c2VyOg=="},
           row{"http://a%40b:c%3Ad@proxy.corp:1", "proxy.corp", 1, "Basic YUBiOmM6ZA=="},
           row{"http://u:p@10.0.0.1.nip.io:3128", "10.0.0.1.nip.io", 3128, "Basic dTpw"},
       }) {
    const proxy_address got = parse_proxy(expected.text, "proxy");
    BOOST_TEST(got.host == expected.host);
    BOOST_TEST(got.port == expected.port);
    BOOST_TEST(got.authorization == expected.authorization);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_http_proxy_is_refused_without_showing_it) {
  for (const char* text :
       {"https://user:hunter2@proxy.corp", "socks5://user:hunter2@proxy.corp:1080", "http://user:hunter2@",
        "http://user:hunter2@proxy.corp/path", "http://user:hunter2@proxy.corp:0",
        "http://user:hunter2@proxy.corp:99999", "http://user:hunter2^@proxy.corp:1",
        "http://user:hunter2@pro xy.corp:1", "http://user:hunter2@proxy.corp:1?x",
        "http://user:hunter2@proxy.corp:3128a", "http://user:hunter2@proxy.corp:1:2"}) {
    try {
      parse_proxy(text, "HTTPS_PROXY");
      BOOST_ERROR(text << " was taken");
    } catch (const invalid_argument& problem) {
      BOOST_TEST(problem.field() == "HTTPS_PROXY");
      BOOST_TEST(std::string(problem.what()).find("hunter2") == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_proxy_exempts_names_addresses_and_networks) {
  struct row {
    const char* list;
    const char* host;
    bool exempt;
  };
  for (const row& expected : {
           row{"", "api.mistral.ai", false},
           row{"*", "api.mistral.ai", true},
           row{"*", "10.0.0.1", true},
           row{"other.corp,*", "api.mistral.ai", false},
           row{"api.mistral.ai", "api.mistral.ai", true},
           row{"mistral.ai", "api.mistral.ai", true},
           row{".mistral.ai", "api.mistral.ai", true},
           row{".mistral.ai", "mistral.ai", true},
           row{"stral.ai", "api.mistral.ai", false},
           row{"api.mistral.ai", "mistral.ai", false},
           row{"MISTRAL.AI", "API.mistral.ai", true},
           row{"mistral.ai.", "api.mistral.ai", true},
           row{"mistral.ai", "api.mistral.ai.", true},
           row{"other.corp, mistral.ai", "api.mistral.ai", true},
           row{"other.corp mistral.ai", "api.mistral.ai", true},
           row{",,  ,mistral.ai,", "api.mistral.ai", true},
           row{".", "api.mistral.ai", false},
           row{"mistral.ai:443", "api.mistral.ai", false},
           row{"10.0.0.1", "10.0.0.1", true},
           row{"0.1", "10.0.0.1", false},
           row{"10.0.0.0/8", "10.255.0.1", true},
           row{"10.0.0.0/8", "11.0.0.1", false},
           row{"192.168.16.0/20", "192.168.31.255", true},
           row{"192.168.16.0/20", "192.168.32.0", false},
           row{"0.0.0.0/0", "10.0.0.1", true},
           row{"10.0.0.0/33", "10.0.0.1", false},
           row{"10.0.0.0/x", "10.0.0.1", false},
           row{"10.0.0.0/", "10.0.0.0", false},
           row{"10.0.0.0/8", "api.mistral.ai", false},
           row{"::1", "::1", true},
           row{"[::1]", "::1", true},
           row{"0:0:0:0:0:0:0:1", "::1", true},
           row{"fd00::/8", "fd12::5", true},
           row{"fd00::/8", "fe80::5", false},
           row{"fd00::/8", "10.0.0.1", false},
       }) {
    BOOST_TEST(bypasses_proxy(expected.list, expected.host) == expected.exempt,
               expected.list << " on " << expected.host);
  }
}

BOOST_AUTO_TEST_SUITE_END()
