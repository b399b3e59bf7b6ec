import Glibc

/// The `openssl` program, as a TLS client and reader of certificates that nobody here wrote.
enum OpenSSL {
    static let path = "/usr/bin/openssl"
    /// Tests that need it are skipped where it is missing, but never on a build machine.
    static let isPresent = access(path, X_OK) == 0 || getenv("CI") != nil

    struct Failure: Error {
        let arguments: [String]
    }

    /// Runs the program and answers what it wrote to both outputs.
    ///
    /// - Parameters:
    ///   - input: What it reads. Its input ends once `ending` was seen in the output, or at once without it.
    static func run(_ arguments: [String], input: String = "", until ending: String? = nil) throws -> String {
        // Closed on exec from the start, or a program started at the same moment would hold our end of it open.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        var inputPipe: [Int32] = [0, 0]
        var outputPipe: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, kind, 0, &inputPipe) == 0, socketpair(AF_UNIX, kind, 0, &outputPipe) == 0 else {
            throw Failure(arguments: arguments)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inputPipe[0], 0)
        posix_spawn_file_actions_adddup2(&actions, outputPipe[1], 1)
        posix_spawn_file_actions_adddup2(&actions, outputPipe[1], 2)
        // Or the program would keep the listeners of other tests open, and their ports taken.
        for descriptor: Int32 in 3..<1024 { posix_spawn_file_actions_addclose(&actions, descriptor) }
        var process = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        guard posix_spawn(&process, path, &actions, nil, &words, environ) == 0 else {
            throw Failure(arguments: arguments)
        }
        close(inputPipe[0])
        close(outputPipe[1])
        // A program that has gone already tells by its output.
        _ = input.withCString { send(inputPipe[1], $0, strlen($0), Int32(MSG_NOSIGNAL)) }
        var isInputOpen = true
        func endInput() {
            if isInputOpen { close(inputPipe[1]) }
            isInputOpen = false
        }
        if ending == nil { endInput() }
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let count = read(outputPipe[0], &chunk, chunk.count), count > 0 {
            output += chunk[..<count]
            if let ending, String(decoding: output, as: UTF8.self).contains(ending) { endInput() }
        }
        endInput()
        close(outputPipe[0])
        var status: Int32 = 0
        waitpid(process, &status, 0)
        return String(decoding: output, as: UTF8.self)
    }
}
