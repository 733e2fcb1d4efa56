// The API key of a client, fixed or supplied by a coroutine of the caller's.
// Never prints the key, and does not decide when a new one is needed: a 401 does (call.cpp).
#pragma once

#include <mistral/workflows/client_options.hpp>
#include <mistral/workflows/export.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace mistral::workflows::session {

/// A key and which one it is: asking again with a generation
/// that is no longer current costs no call of the supplier.
struct versioned_key {
  versioned_key() = default;

  std::shared_ptr<const std::string>
      authorization;  ///< value of the header: "Bearer ..."; null: none is sent
  /// What must not be shown of a text of the server's: this
  /// key and those before it, a line each. Null: nothing.
  std::shared_ptr<const std::string> hidden;
  std::uint64_t generation = 0;
};

/// The value of the Authorization header. Throws invalid_argument
/// naming `field` for a key that cannot be one; never prints it.
/// `told_by`: before what is wrong with it, where the field is not the key itself ("gave a key that ").
std::string checked_authorization(const std::string& key, const std::string& field,
                                  const std::string& told_by = std::string());

/// Thread-safe.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT api_key_source {
 public:
  /// `variable`: of the environment, where the fixed key came from one.
  api_key_source(std::string fixed, client_options::key_supplier supplier,
                 std::string variable = std::string());

  /// The current key. Asks the supplier if there is none; calls
  /// that wait at the same time share its answer, or its failure.
  /// Cancel: any type that the caller's state lets through, and at once. A supplier for whom
  /// nobody waits any more is cancelled (terminal); what it brings nevertheless is kept.
  boost::asio::awaitable<versioned_key> current();

  /// The same if it takes no waiting: false where it does.
  bool try_current(versioned_key& out);

  /// The environment variable that the key came from; empty: none.
  const std::string& variable() const noexcept { return variable_; }

  bool renewable() const noexcept { return static_cast<bool>(shared_->supplier); }

  /// The keys before the current one that are hidden still.
  static constexpr std::size_t most_before = 7;

  /// Takes the current key, and those before it, out of a text of the server's.
  void hide(std::string& text) const;

  /// After a 401 to the key of this generation: the next
  /// `current()` asks for another, unless one has come since.
  void reject(std::uint64_t rejected);

 private:
  struct question;

  // What a supplier that is left behind may outlive the client with.
  struct shared {
    client_options::key_supplier supplier;
    std::mutex mutex;
    versioned_key key;
    std::vector<std::shared_ptr<const std::string>> before;  // this key, the last one first
    bool valid = false;
    std::shared_ptr<question> asked;
  };

  const std::string variable_;
  const std::shared_ptr<shared> shared_ = std::make_shared<shared>();

  static void renew(shared& on, versioned_key fresh);
  static void ask(const std::shared_ptr<shared>& on, const std::shared_ptr<question>& what);
  static void answered(shared& on, question& what, std::exception_ptr failure, const std::string& key);
  static void leave(shared& on, const std::shared_ptr<question>& what);
};

}  // namespace mistral::workflows::session
