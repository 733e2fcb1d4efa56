// The API key of a client, fixed or supplied by a coroutine of the caller's.
// Never prints the key, and does not decide when a new one is needed: a 401 does (call.cpp).
#pragma once

#include <mistral/workflows/client_options.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>

namespace mistral::workflows::session {

/// A key and which one it is: asking again with a generation that is no longer current costs no call of the supplier.
struct versioned_key {
  versioned_key() = default;

  std::shared_ptr<const std::string> authorization;  ///< value of the header: "Bearer ..."; null: none is sent
  std::uint64_t generation = 0;
};

/// The value of the Authorization header. Throws invalid_argument naming `field` for a key that cannot be one; never prints it.
std::string checked_authorization(const std::string& key, const std::string& field);

/// Thread-safe.
class api_key_source {
 public:
  api_key_source(std::string fixed, client_options::key_supplier supplier);

  /// The current key. Asks the supplier if there is none; calls that wait at the same time share its answer, or its failure.
  /// Cancel: any type that the caller's state lets through, and at once. A supplier for whom nobody waits any more is cancelled
  /// (terminal); what it brings nevertheless is kept.
  boost::asio::awaitable<versioned_key> current();

  /// The same if it takes no waiting: false where it does.
  bool try_current(versioned_key& out);

  bool renewable() const noexcept { return static_cast<bool>(shared_->supplier); }

  /// After a 401 to the key of this generation: the next `current()` asks for another, unless one has come since.
  void reject(std::uint64_t rejected);

 private:
  struct question;

  // What a supplier that is left behind may outlive the client with.
  struct shared {
    client_options::key_supplier supplier;
    std::mutex mutex;
    versioned_key key;
    bool valid = false;
    std::shared_ptr<question> asked;
  };

  const std::shared_ptr<shared> shared_ = std::make_shared<shared>();

  static void ask(const std::shared_ptr<shared>& on, const std::shared_ptr<question>& what);
  static void answered(shared& on, question& what, std::exception_ptr failure, const std::string& key);
  static void leave(shared& on, const std::shared_ptr<question>& what);
};

}  // namespace mistral::workflows::session
