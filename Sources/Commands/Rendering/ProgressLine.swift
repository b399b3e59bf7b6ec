import Primitives

/// Says how long work goes on: one line that is written over and over where people watch, plain lines elsewhere.
struct ProgressLine {
    private let errors: any TextSink
    private let isWatched: Bool
    private var shown = ""

    /// To the line's beginning, and nothing behind it.
    private static let fresh = "\r\u{1B}[K"

    init(in world: World) {
        errors = world.errors
        isWatched = world.errorsAreWatched
    }

    /// What is going on now. Elsewhere than on a terminal each new text is a line of its own.
    mutating func show(_ text: String) throws(OutputClosed) {
        guard text != shown else { return }
        if isWatched {
            // Cut rather than wrapped: a wrapped line can't be written over.
            try errors.write(exactly: Self.fresh + text.harmless(limit: 100))
        } else {
            try errors.line(text)
        }
        shown = text
    }

    /// Takes the line away, so that other text can be printed.
    mutating func clear() throws(OutputClosed) {
        if isWatched, !shown.isEmpty { try errors.write(exactly: Self.fresh) }
        shown = ""
    }
}
