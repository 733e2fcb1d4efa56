// What is taken for a certificate, a chain and a key, and which names of a certificate count.
#include "net/client_support.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstddef>
#include <memory>

using namespace test;

namespace {

using mistral::workflows::testing::certificate_set;
using mistral::workflows::testing::make_certificates;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The same with some bytes of its middle spoilt.
std::string broken(std::string pem) { return pem.replace(pem.size() / 2, 4, "!!!!"); }

/// Made an encrypted one; `old_form`: as OpenSSL wrote them before PKCS #8.
std::string encrypted(const std::string& key_pem, const std::string& password, bool old_form) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())), &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(password.data());
  const int size = static_cast<int>(password.size());
  if (old_form)
    PEM_write_bio_PrivateKey_traditional(out.get(), key.get(), EVP_aes_128_cbc(), bytes, size, nullptr,
                                         nullptr);
  else
    PEM_write_bio_PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(), bytes, size, nullptr, nullptr);
  char* data = nullptr;
  const long length = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<std::size_t>(length));
}

/// The text of a new key of another algorithm than the certificates of the tests have.
std::string key_of_another_algorithm() {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}), &EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long length = BIO_get_mem_data(out.get(), &data);
  return std::string(data, static_cast<std::size_t>(length));
}

struct refusal {
  std::string field = "none";
  std::string reason;
};

refusal refusal_of(const net::tls_options& tls) {
  asio::io_context io;
  net::pool_options options(net::origin(true, "localhost", 443));
  options.tls = tls;
  refusal out;
  try {
    net::pool pool(io.get_executor(), options);
  } catch (const net::option_error& problem) {
    out.field = problem.field();
    out.reason = problem.reason();
  }
  return out;
}

void refused(const net::tls_options& tls, const std::string& field, const std::string& part) {
  const refusal came = refusal_of(tls);
  BOOST_TEST(came.field == field);
  BOOST_TEST(contains(came.reason, part), came.reason);
}

raw_server_options asking_for_certificate() {
  raw_server_options options;
  options.ask_for_certificate = true;
  return options;
}

std::string fetched(const net::pool_options& options) {
  asio::io_context io;
  net::pool pool(io.get_executor(), options);
  std::string body;
  run(io, [&]() -> asio::awaitable<void> { body = co_await fetch(pool); });
  return body;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(certificates)

BOOST_AUTO_TEST_CASE(a_common_name_is_no_name_of_a_host) {
  raw_server_options nameless;
  nameless.certificate = certificate_kind::common_name;
  raw_server server(always(ok()), nameless);
  const auto problem = failure_of([&] { fetched(server.pool_options()); });
  BOOST_TEST((problem.code() == net::error::certificate_refused));
  BOOST_TEST(contains(problem.reason(), "subjectAltName"), problem.reason());
}

BOOST_AUTO_TEST_CASE(the_root_dot_is_in_no_certificate_and_no_server_name) {
  raw_server server(always(answer(200, execution_body())));
  wf::client_options options = options_for(server, true);
  options.server_url = "https://localhost.:" + std::to_string(server.port());
  asio::io_context io;
  const auto problem = failure_of_get(io, wf::client(io, options));
  BOOST_TEST(problem.type == "", problem.what);
}

BOOST_AUTO_TEST_CASE(localhost_with_its_root_dot_is_loopback) {
  raw_server server(always(answer(200, execution_body())), plain());
  wf::client_options options = options_for(server, false);
  options.server_url = "http://localhost.:" + std::to_string(server.port());
  asio::io_context io;
  const auto problem = failure_of_get(io, wf::client(io, options));
  BOOST_TEST(problem.type == "", problem.what);
}

BOOST_AUTO_TEST_CASE(every_certificate_of_a_bundle_is_trusted) {
  raw_server server(always(ok()));
  const certificate_set other = make_certificates(certificate_kind::good);
  net::pool_options options = server.pool_options();
  options.tls.ca_pem =
      "# a comment\n" + other.ca_pem + "\nanother one\n" + other.key_pem + server.ca_pem() + "\n";
  BOOST_TEST(fetched(options) == "hello");
}

BOOST_AUTO_TEST_CASE(a_broken_block_of_a_ca_bundle_is_refused_by_its_number) {
  const certificate_set set = make_certificates(certificate_kind::good);
  const std::string& ca = set.ca_pem;
  const std::string without_end = ca.substr(0, ca.find("-----END "));
  const std::string without_beginning = ca.substr(ca.find('\n') + 1);
  const std::string mistyped = std::string(ca).replace(ca.find("CERTIFICATE"), 11, "CERTIFICAT3");
  net::tls_options tls;
  const auto refused_block = [&](const std::string& pem, int number) {
    tls.ca_pem = pem;
    refused(tls, "tls.ca_pem", "block " + std::to_string(number) + " ");
  };
  refused_block(ca + broken(ca), 2);
  refused_block(ca + broken(ca) + ca, 2);
  refused_block(broken(ca) + ca, 1);
  refused_block(ca + ca + without_end, 3);
  refused_block(ca + without_end + ca, 2);
  refused_block(without_beginning + ca, 1);
  refused_block(ca + without_beginning + ca, 2);
  refused_block(ca + mistyped, 2);
  refused_block(set.key_pem + ca + broken(ca), 3);
  tls.ca_pem = set.key_pem;
  refused(tls, "tls.ca_pem", "no certificate");
}

BOOST_AUTO_TEST_CASE(a_broken_block_of_a_client_certificate_is_refused_by_its_number) {
  const certificate_set own = make_certificates(certificate_kind::good);
  net::tls_options tls;
  tls.client_key_pem = own.key_pem;
  tls.client_certificate_pem = own.chain_pem + own.ca_pem;
  BOOST_TEST(refusal_of(tls).field == "none");
  tls.client_certificate_pem = own.chain_pem + own.key_pem + own.ca_pem;  // one file for both is usual
  BOOST_TEST(refusal_of(tls).field == "none");
  tls.client_certificate_pem = own.chain_pem + broken(own.ca_pem);
  refused(tls, "tls.client_certificate_pem", "block 2 ");
  tls.client_certificate_pem = broken(own.chain_pem) + own.ca_pem;
  refused(tls, "tls.client_certificate_pem", "block 1 ");
  tls.client_certificate_pem = own.key_pem;
  refused(tls, "tls.client_certificate_pem", "no certificate");
}

BOOST_AUTO_TEST_CASE(a_key_that_is_not_of_the_certificate_is_refused) {
  net::tls_options tls;
  tls.client_certificate_pem = make_certificates(certificate_kind::good).chain_pem;
  tls.client_key_pem = make_certificates(certificate_kind::good).key_pem;
  refused(tls, "tls.client_key_pem", "mismatch");
  tls.client_key_pem = key_of_another_algorithm();
  refused(tls, "tls.client_key_pem", "key type");
  tls.client_key_pem = "no key";
  refused(tls, "tls.client_key_pem", "");
}

BOOST_AUTO_TEST_CASE(an_encrypted_client_key_is_opened_by_its_password_alone) {
  raw_server server(always(ok()), asking_for_certificate());
  const certificate_set own = make_certificates(certificate_kind::good);
  for (const bool old_form : {true, false}) {
    net::pool_options options = server.pool_options();
    options.tls.client_certificate_pem = own.chain_pem;
    options.tls.client_key_pem = encrypted(own.key_pem, "open sesame", old_form);
    options.tls.client_key_password = "open sesame";
    BOOST_TEST(fetched(options) == "hello");

    options.tls.client_key_password
        .clear();  // and nobody is asked on the terminal: there the test would hang
    refused(options.tls, "tls.client_key_password", "is needed");
    for (const std::string& wrong : {std::string("hunter2"), std::string(100'000, 'x')}) {
      options.tls.client_key_password = wrong;
      refused(options.tls, "tls.client_key_password", wrong.size() < 100 ? "does not open" : "longer");
      BOOST_TEST(!contains(refusal_of(options.tls).reason, "hunter2"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_password_that_is_not_needed_does_no_harm) {
  const certificate_set own = make_certificates(certificate_kind::good);
  net::tls_options tls;
  tls.client_certificate_pem = own.chain_pem;
  tls.client_key_pem = own.key_pem;
  tls.client_key_password = "hunter2";
  BOOST_TEST(refusal_of(tls).field == "none");
}

BOOST_AUTO_TEST_CASE(a_client_names_its_option_for_the_password_and_does_not_show_it) {
  const certificate_set own = make_certificates(certificate_kind::good);
  wf::client_options options;
  options.server_url = "https://localhost";
  options.proxy.from_environment = false;
  options.tls.client_certificate_pem = own.chain_pem;
  options.tls.client_key_pem = encrypted(own.key_pem, "open sesame", false);
  options.tls.client_key_password = "hunter2";
  asio::io_context io;
  BOOST_CHECK_EXCEPTION(wf::client(io, options), wf::invalid_argument, [](const wf::invalid_argument& e) {
    BOOST_TEST(std::string(e.what()).starts_with(
        "client_options.tls.client_key_password does not open the client key"));
    return e.field() == "client_options.tls.client_key_password";
  });
  options.tls.client_key_password = "open sesame";
  BOOST_CHECK_NO_THROW(wf::client(io, options));
}

BOOST_AUTO_TEST_SUITE_END()
