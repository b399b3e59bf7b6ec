import Glibc

/// How this program deals with signals.
public enum Signals {
    /// Makes a write to a closed socket or pipe an error instead of the program's end. The first thing that a program
    /// does; children get the default back.
    public static func ignoreBrokenPipe() {
        signal(SIGPIPE, SIG_IGN)
    }
}
