import ArgumentParser

/// The root of the command line.
struct Blixard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blixard",
        abstract: "Runs virtual machines on your own hosts, as your manifests say.",
        discussion: """
            The first minutes:
              blixard up -f manifests/quickstart   # a cluster on this host, with its machines
              blixard get vms
              blixard diff -f manifests/quickstart
              blixard apply -f manifests/quickstart --wait
              blixard down

            Which cluster: --addr, else BLIXARD_NODE_ADDR (a registry file, a ticket, @FILE with one, or host:port), \
            else the context that `up` and `cluster init` write. Whose key: --identity, else BLIXARD_IDENTITY, else \
            the context's.
            """,
        version: ProgramVersion.text,
        subcommands: [
            Apply.self, Plan.self, Diff.self, Rollout.self, ReconcileSource.self, Validate.self, Create.self,
            Replace.self, Export.self,
            Get.self, Describe.self, Delete.self, Edit.self, Patch.self, Wait.self, Logs.self, Events.self,
            Label.self, Annotate.self, Cordon.self, Uncordon.self, Machine.self, Cluster.self, Ticket.self,
            Access.self, Auth.self, Up.self, Down.self, RunNode.self, Explain.self, APIResources.self, Config.self,
            Version.self, Completion.self, JournalGroup.self,
        ])
}
