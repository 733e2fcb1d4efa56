// Files of certificates and keys that change while a client uses them.
#include "net/client_support.hpp"
#include "net/tls/tls_context.hpp"

#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

using namespace test;
namespace fs = std::filesystem;

namespace {

using mistral::workflows::testing::certificate_set;
using mistral::workflows::testing::make_certificates;

/// Files of their own for each test; a new content comes under the name as a whole, as it should.
class folder {
 public:
  folder() : path_(fs::temp_directory_path() / ("renewal-" + std::to_string(::getpid()))) {
    fs::remove_all(path_);
    fs::create_directory(path_);
  }
  ~folder() { fs::remove_all(path_); }

  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / "new") << text;
    fs::rename(path_ / "new", path_ / name);
    return (path_ / name).string();
  }

 private:
  fs::path path_;
};

/// The process can open no file as long as this is there.
class no_more_files {
 public:
  no_more_files() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    rlimit none = before_;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~no_more_files() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  no_more_files(const no_more_files&) = delete;
  no_more_files& operator=(const no_more_files&) = delete;

 private:
  rlimit before_{};
};

struct fixture {
  fixture() : server(one_exchange_each(), asking_for_certificate()) {
    options = server.pool_options();
    options.tls.ca_pem.clear();
    options.tls.ca_file = files.put("ca.pem", server.ca_pem());
    options.tls.client_certificate_file = files.put("certificate.pem", first.chain_pem);
    options.tls.client_key_file = files.put("key.pem", first.key_pem);
    options.tls.reload_failed = [this](const net::option_error& problem) { told.push_back(problem.field()); };
  }

  raw_server::script one_exchange_each() {
    return [this](peer& client) {
      client.read_request();
      {
        const std::lock_guard lock(mutex);
        shown = client.certificate();
      }
      client.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello");
      client.wait_for_end();
    };
  }

  static raw_server_options asking_for_certificate() {
    raw_server_options out;
    out.ask_for_certificate = true;
    return out;
  }

  void connect(net::pool& pool) {
    run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await fetch(pool) == "hello"); });
  }
  bool refused(net::pool& pool) {
    return failure_of([&] { connect(pool); }).code() == net::error::certificate_refused;
  }
  std::string shown_certificate() {
    const std::lock_guard lock(mutex);
    return shown;
  }

  folder files;
  certificate_set first = make_certificates(certificate_kind::good);
  certificate_set second = make_certificates(certificate_kind::good);
  std::mutex mutex;
  std::string shown;
  std::vector<std::string> told;
  raw_server server;
  net::pool_options options;
  asio::io_context io;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(renewal, fixture)

BOOST_AUTO_TEST_CASE(
    a_new_ca_file_counts_from_the_next_connection_on_and_ends_what_was_remembered_of_the_old) {
  net::pool pool(io.get_executor(), options);
  connect(pool);
  connect(pool);
  BOOST_TEST(pool.stats().resumed_handshakes == 1u);
  files.put("ca.pem", second.ca_pem);
  BOOST_TEST(refused(pool));
  files.put("ca.pem", second.ca_pem + server.ca_pem());
  connect(pool);
  BOOST_TEST(pool.stats().resumed_handshakes == 1u);
  connect(pool);
  BOOST_TEST(pool.stats().resumed_handshakes == 2u);
  BOOST_TEST(told.empty());
}

BOOST_AUTO_TEST_CASE(a_broken_new_ca_file_leaves_the_old_in_use_and_is_told_once) {
  net::pool pool(io.get_executor(), options);
  for (const std::string& broken : {std::string("nothing"), std::string(), server.ca_pem().substr(0, 200)}) {
    told.clear();
    files.put("ca.pem", broken);
    for (int i = 0; i < 3; ++i) connect(pool);
    BOOST_TEST(told == std::vector<std::string>{"tls.ca_file"}, boost::test_tools::per_element());
    files.put("ca.pem", server.ca_pem());
    connect(pool);
    BOOST_TEST(told.size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_file_that_is_taken_away_leaves_what_was_read_of_it) {
  net::pool pool(io.get_executor(), options);
  fs::remove(options.tls.client_key_file);
  for (int i = 0; i < 3; ++i) connect(pool);
  BOOST_TEST(told == std::vector<std::string>{"tls.client_key_file"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_new_file_that_could_not_be_opened_for_a_moment_is_read_by_the_next_connection) {
  net::tls_context context("localhost", options.tls);
  const auto trust_now = [&] { return SSL_get_SSL_CTX(context.new_connection().get()); };
  const SSL_CTX* const before = trust_now();
  files.put("ca.pem", second.ca_pem);
  {
    const no_more_files closed;
    for (int i = 0; i < 3; ++i) BOOST_TEST((trust_now() == before));
  }
  BOOST_TEST(told == std::vector<std::string>{"tls.ca_file"}, boost::test_tools::per_element());
  BOOST_TEST((trust_now() != before));
  BOOST_TEST(told.size() == 1u);
}

// What a container's runtime makes of a mount whose source is missing.
BOOST_AUTO_TEST_CASE(a_folder_in_a_files_place_leaves_what_was_read_of_the_file) {
  net::pool pool(io.get_executor(), options);
  fs::remove(options.tls.ca_file);
  fs::create_directory(options.tls.ca_file);
  for (int i = 0; i < 3; ++i) connect(pool);
  BOOST_TEST(told == std::vector<std::string>{"tls.ca_file"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_certificate_and_its_key_are_renewed_one_after_the_other) {
  net::pool pool(io.get_executor(), options);
  connect(pool);
  BOOST_TEST(shown_certificate() == first.chain_pem);
  files.put("certificate.pem", second.chain_pem);
  for (int i = 0; i < 2; ++i) connect(pool);  // the key is not that certificate's
  BOOST_TEST(shown_certificate() == first.chain_pem);
  BOOST_TEST(told == std::vector<std::string>{"tls.client_key_file"}, boost::test_tools::per_element());
  files.put("key.pem", second.key_pem);
  for (int i = 0; i < 2; ++i) connect(pool);
  BOOST_TEST(shown_certificate() == second.chain_pem);
  BOOST_TEST(told.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_the_hook_throws_is_dropped) {
  int called = 0;
  options.tls.reload_failed = [&called](const net::option_error&) {
    if (++called == 1) throw std::runtime_error("the hook's own");
    throw called;  // NOLINT(hicpp-exception-baseclass): a hook may throw anything
  };
  net::pool pool(io.get_executor(), options);
  for (const char* const broken : {"nothing", "nothing either"}) {
    files.put("ca.pem", broken);
    for (int i = 0; i < 2; ++i) connect(pool);
  }
  BOOST_TEST(called == 2);
}

BOOST_AUTO_TEST_CASE(what_the_hook_of_a_client_throws_is_dropped_and_its_call_is_answered) {
  wf::client_options settings = options_for(server, true);
  settings.tls.ca_pem.clear();
  settings.tls.ca_file = options.tls.ca_file;
  settings.tls.client_certificate_file = options.tls.client_certificate_file;
  settings.tls.client_key_file = options.tls.client_key_file;
  int called = 0;
  settings.tls.reload_failed = [&called](const std::string&) {
    ++called;
    throw std::runtime_error("the hook's own");
  };
  const wf::client client(io, settings);
  files.put("ca.pem", "nothing");
  for (int i = 0; i < 2; ++i) BOOST_TEST(failure_of_get(io, client).type == "decode_error");  // of "hello"
  BOOST_TEST(called == 1);
  BOOST_TEST(client.stats().connections_opened == 2u);
}

BOOST_AUTO_TEST_CASE(a_client_refuses_a_folder_in_place_of_a_file_by_the_options_name) {
  wf::client_options settings = options_for(server, true);
  settings.tls.ca_pem.clear();
  settings.tls.ca_file = fs::path(options.tls.ca_file).parent_path().string();
  BOOST_CHECK_EXCEPTION(wf::client(io, settings), wf::invalid_argument, [](const wf::invalid_argument& e) {
    return e.field() == "client_options.tls.ca_file";
  });
}

BOOST_AUTO_TEST_CASE(a_client_tells_in_words_which_option_it_is) {
  wf::client_options settings = options_for(server, true);
  settings.tls.ca_pem.clear();
  settings.tls.ca_file = options.tls.ca_file;
  std::vector<std::string> reasons;
  settings.tls.reload_failed = [&](const std::string& reason) { reasons.push_back(reason); };
  const wf::client client(io, settings);
  files.put("ca.pem", "nothing");
  failure_of_get(io, client);
  failure_of_get(io, client);
  BOOST_TEST(reasons == std::vector<std::string>{"client_options.tls.ca_file holds no certificate"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
