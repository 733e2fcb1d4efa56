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

/// The names of the enumerators on the wire, in their order, without `unknown`.
constexpr std::array<std::string_view, 3> wire_names(location_type) { return {"local", "k8s", "managed"}; }

/// Where a deployment or a worker runs.
struct MISTRAL_WORKFLOWS_EXPORT deployment_location {
  deployment_location() = default;

  open_enum<workflows::location_type> location_type;  ///< what kind of place
  std::optional<std::string> k8s_cluster;             ///< of Kubernetes, where it runs there
  std::optional<std::string> k8s_namespace;           ///< of Kubernetes, where it runs there

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_location&, const deployment_location&);
};

/// A worker of a deployment.
struct MISTRAL_WORKFLOWS_EXPORT deployment_worker {
  deployment_worker() = default;

  std::string name;                             ///< as the worker gave it
  timestamp created_at;                         ///< when it first registered
  timestamp updated_at;                         ///< when it last registered
  bool is_active = false;                       ///< has been heard of lately
  std::optional<deployment_location> location;  ///< where it runs; null where that was not reported

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_worker&, const deployment_worker&);
};

/// One page of workers, and where the next begins.
struct MISTRAL_WORKFLOWS_EXPORT worker_page {
  worker_page() = default;

  std::vector<deployment_worker> workers;  ///< in the order of the server
  std::optional<std::string> next_cursor;  ///< null: this was the last page

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const worker_page&, const worker_page&);
};

/// Who built a commit.
struct MISTRAL_WORKFLOWS_EXPORT git_commit_author {
  git_commit_author() = default;

  std::optional<std::string> name;      ///< in full
  std::optional<std::string> username;  ///< on GitHub
  std::optional<std::string> html_url;  ///< of its page

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const git_commit_author&, const git_commit_author&);
};

/// The commit that a managed deployment was built from.
struct MISTRAL_WORKFLOWS_EXPORT git_commit {
  git_commit() = default;

  std::string sha;                          ///< of the commit, in hex
  std::optional<std::string> message;       ///< its text
  std::optional<git_commit_author> author;  ///< who made it
  std::optional<std::string> html_url;      ///< of its page

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

  std::string github_url;                      ///< of the repository that holds the worker
  std::optional<std::string> revision;         ///< the server takes "main"
  std::optional<std::string> entrypoint;       ///< the server takes "worker:main"
  std::optional<std::string> working_dir;      ///< folder of the repository that it runs in
  std::optional<worker_backend> backend_spec;  ///< how it is built and run
  boost::json::object others;                  ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const worker_spec_input&, const worker_spec_input&);
};

/// What a managed deployment runs.
struct MISTRAL_WORKFLOWS_EXPORT worker_spec {
  worker_spec() = default;

  std::string github_url;                      ///< of the repository that holds the worker
  std::string type = "workflows_worker";       ///< of the worker
  std::optional<std::string> revision;         ///< branch, tag or commit
  std::optional<std::string> entrypoint;       ///< module and function, "worker:main" for example
  std::optional<std::string> working_dir;      ///< folder of the repository that it runs in
  std::optional<std::string> restarted_at;     ///< when it was last told to restart, as the server writes it
  std::optional<std::string> commit_sha;       ///< the commit it is built from
  std::optional<git_commit> commit;            ///< as GitHub describes it
  std::optional<worker_backend> backend_spec;  ///< how it is built and run
  boost::json::object others;                  ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const worker_spec&, const worker_spec&);
};

/// Changes to what a deployment runs: what is absent stays as it is.
struct MISTRAL_WORKFLOWS_EXPORT worker_spec_patch {
  worker_spec_patch() = default;

  patch_field<std::string> github_url;       ///< of the repository that holds the worker
  patch_field<std::string> revision;         ///< branch, tag or commit
  patch_field<std::string> entrypoint;       ///< module and function, "worker:main" for example
  patch_field<std::string> working_dir;      ///< folder of the repository that it runs in
  patch_field<worker_backend> backend_spec;  ///< how it is built and run

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const worker_spec_patch&, const worker_spec_patch&);
};

/// How much a deployment may use; amounts as Kubernetes writes them ("500m", "1Gi").
struct MISTRAL_WORKFLOWS_EXPORT deployment_resources {
  deployment_resources() = default;

  std::optional<std::int64_t> replicas;       ///< how many run at a time
  std::optional<std::string> cpu_request;     ///< reserved, "250m" for example
  std::optional<std::string> cpu_limit;       ///< the most, "1" for example
  std::optional<std::string> memory_request;  ///< reserved, "512Mi" for example
  std::optional<std::string> memory_limit;    ///< the most, "1Gi" for example
  boost::json::object others;                 ///< members newer than this library, sent back as they came

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_resources&, const deployment_resources&);
};

/// Changes to how much a deployment may use: what is absent stays as it is.
struct MISTRAL_WORKFLOWS_EXPORT deployment_resources_patch {
  deployment_resources_patch() = default;

  patch_field<std::int64_t> replicas;       ///< how many run at a time
  patch_field<std::string> cpu_request;     ///< reserved, "250m" for example
  patch_field<std::string> cpu_limit;       ///< the most, "1" for example
  patch_field<std::string> memory_request;  ///< reserved, "512Mi" for example
  patch_field<std::string> memory_limit;    ///< the most, "1Gi" for example

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_resources_patch&,
                                                  const deployment_resources_patch&);
};

/// How far the build of a deployment is.
struct MISTRAL_WORKFLOWS_EXPORT deployment_build_state {
  deployment_build_state() = default;

  std::optional<std::string> phase;       ///< in words, "running" for example
  std::optional<std::string> commit_sha;  ///< the commit it is built from
  std::optional<std::string> image;       ///< what was built
  std::optional<std::string> message;     ///< for people to read
  std::optional<timestamp> started_at;    ///< when it was begun
  std::optional<timestamp> finished_at;   ///< null while it is built

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_build_state&,
                                                  const deployment_build_state&);
};

/// A managed deployment as it was last seen running.
struct MISTRAL_WORKFLOWS_EXPORT deployment_observed_state {
  deployment_observed_state() = default;

  std::optional<std::string> phase;                   ///< in words, "running" for example
  std::int64_t available_replicas = 0;                ///< those that take work
  std::int64_t ready_replicas = 0;                    ///< those that are ready
  std::optional<std::string> endpoint;                ///< where it can be reached
  std::optional<std::string> message;                 ///< for people to read
  std::optional<timestamp> last_seen;                 ///< when it was last heard of
  std::optional<std::string> deployed_revision;       ///< what runs now
  std::optional<std::int64_t> generation;             ///< of what runs; null: not known
  std::optional<deployment_build_state> build_state;  ///< null where nothing is built

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_observed_state&,
                                                  const deployment_observed_state&);
};

/// A deployment that the platform runs: what every write answers.
struct MISTRAL_WORKFLOWS_EXPORT managed_deployment {
  managed_deployment() = default;

  std::string service_id;                     ///< of the platform that runs it
  std::string name;                           ///< by which it is called
  worker_spec spec;                           ///< what it runs
  deployment_resources resources;             ///< how much it may use
  deployment_observed_state status;           ///< as it was last seen
  timestamp created_at;                       ///< when it was first there
  timestamp updated_at;                       ///< when it was last changed
  bool stopped = false;                       ///< whether it was told to stop
  std::optional<std::string> rollout_status;  ///< how far the last change is; null: not known
  std::optional<std::string> created_by;      ///< id of the user who made it
  std::optional<std::string> updated_by;      ///< id of the user who changed it last
  std::optional<std::string> deployed_by;     ///< id of the user who deployed it
  std::optional<timestamp> deployed_at;       ///< null before the first time
  bool is_hardened = false;                   ///< whether it has a credential of its own
  std::optional<std::string> owner;           ///< who owns it

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const managed_deployment&, const managed_deployment&);
};

/// A deployment.
struct MISTRAL_WORKFLOWS_EXPORT deployment {
  deployment() = default;

  std::string id;                                   ///< a UUID
  std::string name;                                 ///< by which it is called
  bool is_active = false;                           ///< one of its workers has been heard of lately
  bool is_hardened = false;                         ///< whether it has a credential of its own
  timestamp created_at;                             ///< when it was first there
  timestamp updated_at;                             ///< when it was last changed
  std::optional<deployment_location> location;      ///< where it runs; null where that was not reported
  std::int64_t worker_count = 0;                    ///< registered, active or not
  std::int64_t active_worker_count = 0;             ///< heard of lately
  std::vector<open_enum<location_type>> locations;  ///< each kind of place once that its workers report
  std::optional<managed_deployment> managed;        ///< only where the platform runs it
  std::optional<std::string> owner;                 ///< who owns it

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment&, const deployment&);
};

/// A deployment with its workers.
struct MISTRAL_WORKFLOWS_EXPORT deployment_detail : deployment {
  deployment_detail() = default;

  std::vector<deployment_worker> workers;  ///< in the order of the server

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_detail&, const deployment_detail&);
};

/// One page of deployments, and where the next begins.
struct MISTRAL_WORKFLOWS_EXPORT deployment_page {
  deployment_page() = default;

  std::vector<deployment> deployments;     ///< in the order of the server
  std::optional<std::string> next_cursor;  ///< null: this was the last page
  std::string workspace_id;                ///< a UUID

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_page&, const deployment_page&);
};

/// The body of the creation of a deployment.
struct MISTRAL_WORKFLOWS_EXPORT deployment_create_body {
  deployment_create_body() = default;

  std::string name;                               ///< not empty
  worker_spec_input spec;                         ///< what it runs
  std::optional<deployment_resources> resources;  ///< how much it may use
  bool hardened = false;                          ///< whether it gets a credential of its own; default: no

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_create_body&,
                                                  const deployment_create_body&);
};

/// The body of an update of a deployment.
struct MISTRAL_WORKFLOWS_EXPORT deployment_update_body {
  deployment_update_body() = default;

  patch_field<worker_spec_patch> spec;                ///< changes
  patch_field<deployment_resources_patch> resources;  ///< changes

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const deployment_update_body&,
                                                  const deployment_update_body&);
};

/// Where the workers of this API key connect to.
struct MISTRAL_WORKFLOWS_EXPORT worker_identity {
  worker_identity() = default;

  std::string scheduler_url;  ///< where workers of this key connect
  std::string namespace_;     ///< `namespace` on the wire

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const worker_identity&, const worker_identity&);
};

}  // namespace mistral::workflows
