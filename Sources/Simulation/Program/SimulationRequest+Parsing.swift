import Primitives

/// Words on a command line that mean nothing.
public struct SimulationUsageError: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String
}

extension SimulationRequest {
    public static let help = """
        USAGE: blixard-simulate [--seeds N | --seconds S | --minutes M] [OPTIONS]

        Runs whole clusters with faults, each from one seed, and checks what they promise. The same seed gives the same
        run, byte for byte. A seed that breaks a promise, traps or hangs is printed with a schedule made as small as it
        gets and with the line that replays it.

        WHAT TO RUN:
          --seed N                The first seed (default: 1).
          --fresh                 Draws the first seed from the system, and prints it.
          --seeds N               How many seeds, each one more than the one before (default: 1, or no end with a time).
          --seconds S, --minutes M
                                  Begins no more seeds after this time.
          --patience S            How long a seed may take before it counts as hung, in seconds (default: 180).
          --jobs J                How many seeds run at once, each in a process of its own (default: 1).
          --nodes N               Nodes of each cluster, 1 to 9 (default: each seed draws its own).
          --strength PERCENT      How hard the faults are (default: 100; 0 is a perfect world).
          --fault-milliseconds T  How long faults go on (default: 60000).
          --bug NAME              Plants a mistake that must be found; one of:
                                  \(bugNames)

        WHAT OF A SEED'S SCHEDULE:
          --without KIND,...      Leaves out kinds of faults, such as lost-message or crash; not those that only follow
                                  from others, such as message-into-a-partition.
          --strikes N,...|none    Carries out only these strikes, by number.
          --users N               At most so many users.

        WHAT TO PRINT:
          --trace                 Everything that happens.
          --digests               The digest of each seed's trace.
          --no-shrink             Does not make the schedules of failed seeds smaller.
          --help                  This.

        EXIT CODES: 0 if every promise held, 1 if not, 64 if a word is not understood, 71 if a process could not be
        started, 74 if what is printed can't be written.

        """

    private static var bugNames: String {
        var lines = [""]
        for name in PlantedBug.allCases.map(\.rawValue) {
            if lines[lines.count - 1].count + name.count > 80 { lines.append("") }
            lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + name
        }
        return lines.joined(separator: "\n                          ")
    }

    /// Reads a command line; nil if it asks for help.
    ///
    /// - Parameter fresh: A seed that was not used before.
    /// - Throws: For a word that is no option, and for a value that is missing or out of its bounds.
    public init?(_ words: [String], fresh: () -> UInt64) throws(SimulationUsageError) {
        self.init()
        seeds = nil
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--help", "-h": return nil
            case "--fresh": seed = fresh()
            case "--trace": trace = true
            case "--digests": digests = true
            case "--no-shrink": shrinks = false
            case "--worker": isWorker = true
            default:
                guard word.hasPrefix("--") else { throw SimulationUsageError(description: "what is \(word)?") }
                if let equals = word.firstIndex(of: "=") {
                    try set(String(word[..<equals]), String(word[word.index(after: equals)...]))
                    continue
                }
                guard let value = rest.popFirst() else {
                    throw SimulationUsageError(description: "\(word) needs a value")
                }
                try set(word, value)
            }
        }
        if seeds == nil, seconds == nil { seeds = 1 }
    }

    private mutating func set(_ word: String, _ value: String) throws(SimulationUsageError) {
        guard !value.isEmpty else { throw SimulationUsageError(description: "\(word) has an empty value") }
        func number(_ range: ClosedRange<Int>) throws(SimulationUsageError) -> Int {
            guard let number = Int(value), range.contains(number) else {
                throw SimulationUsageError(
                    description: "\(word) takes a number from \(range.lowerBound) to \(range.upperBound), not \(value)")
            }
            return number
        }
        switch word {
        case "--seed":
            guard let number = UInt64(value), Self.seedRange.contains(number) else {
                throw SimulationUsageError(
                    description: "\(value) is no seed; seeds are the numbers up to \(Self.seedRange.upperBound)")
            }
            seed = number
        case "--seeds": seeds = try number(1...Self.mostSeeds)
        case "--patience": patienceSeconds = try number(1...1_000_000)
        case "--seconds": seconds = Double(try number(1...10_000_000))
        case "--minutes": seconds = Double(try number(1...100_000)) * 60
        case "--jobs": jobs = try number(1...256)
        case "--nodes": nodes = try number(1...9)
        case "--strength": strengthPercent = try number(0...1000)
        case "--fault-milliseconds": faultMilliseconds = Int64(try number(0...600_000))
        case "--users": pick.users = try number(0...100)
        case "--bug":
            guard let bug = PlantedBug(rawValue: value) else {
                throw SimulationUsageError(description: "there is no planted bug \(value)")
            }
            plantedBug = bug
        case "--without":
            for name in value.split(separator: ",") {
                guard let kind = FaultKind(word: name) else {
                    throw SimulationUsageError(description: "there is no fault \(name)")
                }
                guard !FaultKind.consequences.contains(kind) else {
                    throw SimulationUsageError(
                        description: "\(name) can't be left out: it follows from other faults; leave those out")
                }
                pick.withoutKinds.insert(kind)
            }
        case "--strikes":
            let numbers = value == "none" ? [] : value.split(separator: ",").map { Int($0) }
            guard !numbers.contains(nil) else { throw SimulationUsageError(description: "\(value) are no numbers") }
            pick.strikes = Set(numbers.compactMap { $0 })
        default: throw SimulationUsageError(description: "there is no option \(word)")
        }
    }
}
