import ArgumentParser
import Journal

/// `blixard journal verify`: whether a start would find everything that the log shows as written.
struct JournalVerify: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check every byte of a log and its snapshots.",
        discussion: """
            The exit code is 0 if everything that the log shows as written can be read back, and 70 if not: then it \
            says where the damage is, which entries it concerns, and what to do. Whether these are the newest files \
            that the node has had, as they are not after an old copy was put back, no log can tell. The end of a \
            write that a crash interrupted is no damage; the next start cuts it off. Nothing is changed.

            Examples:
              blixard journal verify /var/lib/blixard
              blixard journal verify /var/lib/blixard/raft -o json
            """)

    @OptionGroup var place: JournalPlace
    @OptionGroup var outputOptions: OutputOptions

    func run(in world: World) async throws {
        let format = try JournalFormat(outputOptions, of: "journal verify")
        let inspection = try JournalReader.inspect(place, entries: nil)
        switch format {
        case .text: try world.output.write(JournalVerdict(inspection).text)
        case .json(let render): try world.output.write(render(inspection.json(listsEntries: false)))
        }
        guard !inspection.isSound else { return }
        let words = format.isText ? JournalVerdict.refusal(inspection) : ""
        throw CommandFailure(text: words, exitCode: 70)
    }
}
