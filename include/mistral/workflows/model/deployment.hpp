// Deployments and their workers.
// Not the operations on them: see deployments.hpp and workers.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/open_enum.hpp>
#include <mistral/workflows/model/patch_field.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

/// Where workers run.
enum class location_type { unknown, local, k8s, managed };

constexpr std::array<std::string_view, 3> wire_names(location_type) { return {"local", "k8s", "managed"}; }

struct MISTRAL_WORKFLOWS_EXPORT deployment_location {
  deployment_location() = default;

  open_enum<workflows::location_type> location_type;
  std::optional<std::string> k8s_cluster;
  std::optional<std::string> k8s_namespace;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_location&, const deployment_location&);
};

/// A worker of a deployment.
struct MISTRAL_WORKFLOWS_EXPORT deployment_worker {
  deployment_worker() = default;

  std::string name;
  timestamp created_at;
  timestamp updated_at;
  bool is_active = false;  ///< has been heard of lately
  std::optional<deployment_location> location;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_worker&, const deployment_worker&);
};

/// One page of workers, and where the next begins.
struct MISTRAL_WORKFLOWS_EXPORT worker_page {
  worker_page() = default;

  std::vector<deployment_worker> workers;
  std::optional<std::string> next_cursor;  ///< null: this was the last page

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const worker_page&, const worker_page&);
};

/// Who built a commit.
struct MISTRAL_WORKFLOWS_EXPORT git_commit_author {
  git_commit_author() = default;

  std::optional<std::string> name;
  std::optional<std::string> username;
  std::optional<std::string> html_url;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const git_commit_author&, const git_commit_author&);
};

/// The commit that a managed deployment was built from.
struct MISTRAL_WORKFLOWS_EXPORT git_commit {
  git_commit() = default;

  std::string sha;
  std::optional<std::string> message;
  std::optional<git_commit_author> author;
  std::optional<std::string> html_url;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const git_commit&, const git_commit&);
};

/// How a managed worker is built and run; `type` says which members count, and others will come.
struct MISTRAL_WORKFLOWS_EXPORT worker_backend {
  worker_backend() = default;

  std::string type;                            ///< "koyeb", "kubernetes" or newer
  std::optional<std::string> build_directory;  ///< koyeb
  std::optional<std::string> dockerfile_path;  ///< koyeb
  std::optional<std::string> entrypoint;       ///< kubernetes
  std::optional<std::string> working_dir;      ///< kubernetes
  boost::json::object others;                  ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const worker_backend&, const worker_backend&);
};

/// What a managed deployment is to run. `backend_spec` excludes `entrypoint` and `working_dir`.
struct MISTRAL_WORKFLOWS_EXPORT worker_spec_input {
  worker_spec_input() = default;

  std::string github_url;
  std::optional<std::string> revision;    ///< the server takes "main"
  std::optional<std::string> entrypoint;  ///< the server takes "worker:main"
  std::optional<std::string> working_dir;
  std::optional<worker_backend> backend_spec;
  boost::json::object others;  ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const worker_spec_input&, const worker_spec_input&);
};

/// What a managed deployment runs.
struct MISTRAL_WORKFLOWS_EXPORT worker_spec {
  worker_spec() = default;

  std::string github_url;
  std::string type = "workflows_worker";
  std::optional<std::string> revision;
  std::optional<std::string> entrypoint;
  std::optional<std::string> working_dir;
  std::optional<std::string> restarted_at;
  std::optional<std::string> commit_sha;
  std::optional<git_commit> commit;
  std::optional<worker_backend> backend_spec;
  boost::json::object others;  ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const worker_spec&, const worker_spec&);
};

/// Changes to what a deployment runs: what is absent stays as it is.
struct MISTRAL_WORKFLOWS_EXPORT worker_spec_patch {
  worker_spec_patch() = default;

  patch_field<std::string> github_url;
  patch_field<std::string> revision;
  patch_field<std::string> entrypoint;
  patch_field<std::string> working_dir;
  patch_field<worker_backend> backend_spec;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const worker_spec_patch&, const worker_spec_patch&);
};

/// How much a deployment may use; amounts as Kubernetes writes them ("500m", "1Gi").
struct MISTRAL_WORKFLOWS_EXPORT deployment_resources {
  deployment_resources() = default;

  std::optional<std::int64_t> replicas;
  std::optional<std::string> cpu_request;
  std::optional<std::string> cpu_limit;
  std::optional<std::string> memory_request;
  std::optional<std::string> memory_limit;
  boost::json::object others;  ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_resources&, const deployment_resources&);
};

/// Changes to how much a deployment may use: what is absent stays as it is.
struct MISTRAL_WORKFLOWS_EXPORT deployment_resources_patch {
  deployment_resources_patch() = default;

  patch_field<std::int64_t> replicas;
  patch_field<std::string> cpu_request;
  patch_field<std::string> cpu_limit;
  patch_field<std::string> memory_request;
  patch_field<std::string> memory_limit;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_resources_patch&, const deployment_resources_patch&);
};

/// How far the build of a deployment is.
struct MISTRAL_WORKFLOWS_EXPORT deployment_build_state {
  deployment_build_state() = default;

  std::optional<std::string> phase;
  std::optional<std::string> commit_sha;
  std::optional<std::string> image;
  std::optional<std::string> message;
  std::optional<timestamp> started_at;
  std::optional<timestamp> finished_at;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_build_state&, const deployment_build_state&);
};

/// A managed deployment as it was last seen running.
struct MISTRAL_WORKFLOWS_EXPORT deployment_observed_state {
  deployment_observed_state() = default;

  std::optional<std::string> phase;
  std::int64_t available_replicas = 0;
  std::int64_t ready_replicas = 0;
  std::optional<std::string> endpoint;
  std::optional<std::string> message;
  std::optional<timestamp> last_seen;
  std::optional<std::string> deployed_revision;
  std::optional<std::int64_t> generation;
  std::optional<deployment_build_state> build_state;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_observed_state&, const deployment_observed_state&);
};

/// A deployment that the platform runs: what every write answers.
struct MISTRAL_WORKFLOWS_EXPORT managed_deployment {
  managed_deployment() = default;

  std::string service_id;
  std::string name;
  worker_spec spec;
  deployment_resources resources;
  deployment_observed_state status;
  timestamp created_at;
  timestamp updated_at;
  bool stopped = false;
  std::optional<std::string> rollout_status;
  std::optional<std::string> created_by;
  std::optional<std::string> updated_by;
  std::optional<std::string> deployed_by;
  std::optional<timestamp> deployed_at;
  bool is_hardened = false;
  std::optional<std::string> owner;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const managed_deployment&, const managed_deployment&);
};

/// A deployment.
struct MISTRAL_WORKFLOWS_EXPORT deployment {
  deployment() = default;

  std::string id;  ///< a UUID
  std::string name;
  bool is_active = false;  ///< one of its workers has been heard of lately
  bool is_hardened = false;
  timestamp created_at;
  timestamp updated_at;
  std::optional<deployment_location> location;
  std::int64_t worker_count = 0;
  std::int64_t active_worker_count = 0;
  std::vector<open_enum<location_type>> locations;
  std::optional<managed_deployment> managed;  ///< only where the platform runs it
  std::optional<std::string> owner;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment&, const deployment&);
};

/// A deployment with its workers.
struct MISTRAL_WORKFLOWS_EXPORT deployment_detail : deployment {
  deployment_detail() = default;

  std::vector<deployment_worker> workers;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_detail&, const deployment_detail&);
};

/// One page of deployments, and where the next begins.
struct MISTRAL_WORKFLOWS_EXPORT deployment_page {
  deployment_page() = default;

  std::vector<deployment> deployments;
  std::optional<std::string> next_cursor;  ///< null: this was the last page
  std::string workspace_id;                ///< a UUID

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_page&, const deployment_page&);
};

/// The body of the creation of a deployment.
struct MISTRAL_WORKFLOWS_EXPORT deployment_create_body {
  deployment_create_body() = default;

  std::string name;
  worker_spec_input spec;
  std::optional<deployment_resources> resources;
  bool hardened = false;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_create_body&, const deployment_create_body&);
};

/// The body of an update of a deployment.
struct MISTRAL_WORKFLOWS_EXPORT deployment_update_body {
  deployment_update_body() = default;

  patch_field<worker_spec_patch> spec;
  patch_field<deployment_resources_patch> resources;

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_update_body&, const deployment_update_body&);
};

/// Where the workers of this API key connect to.
struct MISTRAL_WORKFLOWS_EXPORT worker_identity {
  worker_identity() = default;

  std::string scheduler_url;
  std::string namespace_;  ///< `namespace` on the wire

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const worker_identity&, const worker_identity&);
};

}  // namespace mistral::workflows
