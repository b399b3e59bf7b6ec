extension DiskImage {
    /// One thing that may or may not have reached the disk.
    private enum Question {
        case directory(String)
        case change(NameChange)
        case length(file: Int)
        case sector(Int, file: Int)
    }

    /// In the order in which ``crashed(_:)`` asks: directories, names, then each file's length and sectors.
    ///
    /// Of a file that can't have a name afterwards nothing is asked.
    private var questions: [Question] {
        var questions = visibleDirectories.subtracting(durableDirectories).sorted().map(Question.directory)
        questions += changes.map(Question.change)
        for file in filesAfterCrash.sorted() {
            guard let content = files[file] else { continue }
            if content.hasUnsyncedLength { questions.append(.length(file: file)) }
            questions += content.uncertainSectors.sorted().map { .sector($0, file: file) }
        }
        return questions
    }

    /// How many things may or may not have reached the disk; so many bits make every state that a crash may leave.
    package var uncertainties: Int { questions.count }

    /// The disk after a power failure.
    ///
    /// - Parameter survives: Asked once for each of the ``uncertainties``, always in the same order.
    package func crashed(_ survives: () -> Bool) -> DiskImage {
        var after = DiskImage()
        after.nextFile = nextFile
        var directories = durableDirectories
        var names = durableNames
        var contents: [Int: [UInt8]] = [:]
        for question in questions where survives() {
            switch question {
            case .directory(let path): directories.insert(path)
            case .change(let change): change.apply(to: &names)
            case .length(let file):
                guard let content = files[file] else { continue }
                contents[file] = Self.setting(content.durable, length: content.visible.count)
            case .sector(let sector, let file):
                guard let content = files[file] else { continue }
                Content.copy(sector, from: content.visible, to: &contents[file, default: content.durable])
            }
        }
        after.durableDirectories = directories.filter { Self.isReachable($0, in: directories) }
        after.visibleDirectories = after.durableDirectories
        after.durableNames = names.filter { after.durableDirectories.contains(Self.directory(of: $0.key)) }
        after.visibleNames = after.durableNames
        for file in Set(after.durableNames.values) {
            after.files[file] = Content(durable: contents[file] ?? files[file]?.durable ?? [])
        }
        return after
    }

    private static func setting(_ bytes: [UInt8], length: Int) -> [UInt8] {
        bytes.prefix(length) + [UInt8](repeating: 0, count: max(0, length - bytes.count))
    }

    /// A directory is gone with any directory above it.
    private static func isReachable(_ path: String, in directories: Set<String>) -> Bool {
        path == "/" || directories.contains(path) && isReachable(directory(of: path), in: directories)
    }
}
