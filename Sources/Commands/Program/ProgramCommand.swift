import ArgumentParser

/// A command of the program: what it parses is what it says with `ArgumentParser`; what it does needs a `World`.
protocol ProgramCommand: ParsableCommand {
    func run(in world: World) async throws
    /// What the exit code of an error is: 1, but for commands whose 1 means something else.
    static var errorExitCode: Int32 { get }
    /// Whether `--wait=CONDITION` is `--wait-for CONDITION`.
    static var waitTakesCondition: Bool { get }
}

extension ProgramCommand {
    static var errorExitCode: Int32 { 1 }
    static var waitTakesCondition: Bool { false }
}
