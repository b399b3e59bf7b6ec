import ArgumentParser

/// `blixard completion`: the script that lets a shell complete command lines.
struct Completion: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print the completion script for bash, zsh or fish.",
        discussion: """
            Examples:
              source <(blixard completion bash)
              blixard completion zsh > "${fpath[1]}/_blixard"
              blixard completion fish > ~/.config/fish/completions/blixard.fish
            """)

    @Argument(help: ArgumentHelp("bash, zsh or fish", valueName: "shell"))
    var shell: String

    func run(in world: World) async throws {
        guard let known = CompletionShell(rawValue: shell) else {
            throw CommandFailure.error("unsupported shell type \"\(shell)\": it must be bash, zsh or fish")
        }
        try world.output.write(exactly: Blixard.completionScript(for: known) + "\n")
    }
}
