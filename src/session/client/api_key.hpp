// The API key of a client, fixed or supplied by a coroutine of the caller's.
// Never prints the key, and does not decide when a new one is needed: a 401 does (call.cpp).
#pragma once

#include <mistral/workflows/client_options.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace mistral::workflows::session {

/// A key and which one it is: asking again with a generation that is no longer current costs no call of the supplier.
struct versioned_key {
  versioned_key() = default;

  std::shared_ptr<const std::string> authorization;  ///< value of the header: "Bearer ..."; null: none is sent
  std::uint64_t generation = 0;
};

/// The value of the Authorization header. Throws invalid_argument naming `field` for a key that cannot be one; never prints it.
std::string checked_authorization(const std::string& key, const std::string& field);

class api_key_source {
 public:
  api_key_source(std::string fixed, client_options::key_supplier supplier);

  /// The current key. Calls the supplier if there is none yet; calls that wait at the same time share its answer.
  boost::asio::awaitable<versioned_key> current();

  /// The same if it takes no waiting: false where it does.
  bool try_current(versioned_key& out);

  bool renewable() const noexcept { return static_cast<bool>(supplier_); }

  /// After a 401 to the key of this generation: the next `current()` asks for another, unless one has come since.
  void reject(std::uint64_t rejected);

 private:
  struct waiter;

  client_options::key_supplier supplier_;
  std::mutex mutex_;
  versioned_key key_;
  bool valid_ = false;
  bool asking_ = false;
  std::vector<std::shared_ptr<waiter>> waiters_;

  boost::asio::awaitable<versioned_key> ask();
  void finish_asking();
};

}  // namespace mistral::workflows::session
