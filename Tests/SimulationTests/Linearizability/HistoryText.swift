import Simulation

/// A line of a history that is not understood.
struct UnknownLine: Error, CustomStringConvertible {
    var number: Int
    var text: String

    var description: String { "line \(number) is not understood: \(text)" }
}

/// Collects events of processes, each with one operation at a time.
private struct ProcessEvents<Input: Sendable, Output: Sendable> {
    private(set) var history = ClientHistory<Input, Output>()
    private var underWay: [Int: Int] = [:]

    mutating func invoke(_ process: Int, _ input: Input) {
        underWay[process] = history.begin(input, by: process)
    }

    /// - Returns: False if the process has no operation under way.
    mutating func end(_ process: Int, _ output: Output) -> Bool {
        guard let number = underWay.removeValue(forKey: process) else { return false }
        history.end(number, output)
        return true
    }

    /// Nobody will ever know what became of the operation.
    mutating func lose(_ process: Int) -> Bool { underWay.removeValue(forKey: process) != nil }
}

/// A Jepsen log of an etcd register: `INFO jepsen.util - PROCESS :TYPE :VERB VALUE`.
///
/// A read that timed out may have returned anything, and so says nothing: it is left open, and never missed.
func parseRegisterLog(_ text: String) throws(UnknownLine) -> [ClientOperation<
    RegisterModel.Input, RegisterModel.Output
>] {
    var events = ProcessEvents<RegisterModel.Input, RegisterModel.Output>()
    for (index, line) in text.split(separator: "\n").enumerated() {
        let unknown = UnknownLine(number: index + 1, text: String(line))
        let words = line.split { $0 == " " || $0 == "\t" || $0 == "[" || $0 == "]" }.map(String.init)
        guard words.count >= 6, words[0...2] == ["INFO", "jepsen.util", "-"], let process = Int(words[3]) else {
            throw unknown
        }
        let values = words[6...].map { Int($0) }
        let isUnderstood: Bool
        switch (words[4], words[5], words.count) {
        case (":invoke", ":read", 7):
            events.invoke(process, .read)
            isUnderstood = words[6] == "nil"
        case (":invoke", ":write", 7):
            guard let value = values[0] else { throw unknown }
            events.invoke(process, .write(value))
            isUnderstood = true
        case (":invoke", ":cas", 8):
            guard let from = values[0], let to = values[1] else { throw unknown }
            events.invoke(process, .compareAndSet(from: from, to: to))
            isUnderstood = true
        case (":ok", ":read", 7): isUnderstood = events.end(process, .value(values[0]))
        case (":ok", ":write", 7): isUnderstood = events.end(process, .written)
        case (":ok", ":cas", 8): isUnderstood = events.end(process, .compared(isSet: true))
        case (":fail", ":cas", 8): isUnderstood = events.end(process, .compared(isSet: false))
        case (":fail", ":read", 7), (":info", ":write", 7), (":info", ":cas", 7):
            isUnderstood = words[6] == ":timed-out" && events.lose(process)
        default: isUnderstood = false
        }
        guard isUnderstood else { throw unknown }
    }
    return events.history.operations
}

/// A history of a key-value store: `{:process 0, :type :ok, :f :get, :key "5", :value ""}`.
func parseKeyValueHistory(
    _ text: String
) throws(UnknownLine) -> [ClientOperation<KeyValueModel.Input, KeyValueModel.Output>] {
    var events = ProcessEvents<KeyValueModel.Input, KeyValueModel.Output>()
    for (index, line) in text.split(separator: "\n").enumerated() {
        let unknown = UnknownLine(number: index + 1, text: String(line))
        // The parts between quotes are key and value; what stands before them are the other fields.
        let parts = line.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
        let words = parts[0].split { " {,".contains($0) }.map(String.init)
        guard parts.count >= 3, words.count == 7, words[0] == ":process", let process = Int(words[1]) else {
            throw unknown
        }
        let key = parts[1]
        let value = parts.count == 5 ? parts[3] : nil
        let isUnderstood: Bool
        switch (words[3], words[5], value) {
        case (":invoke", ":get", nil):
            events.invoke(process, KeyValueModel.Input(key: key, verb: .get))
            isUnderstood = true
        case (":invoke", ":put", let value?):
            events.invoke(process, KeyValueModel.Input(key: key, verb: .put(value)))
            isUnderstood = true
        case (":invoke", ":append", let value?):
            events.invoke(process, KeyValueModel.Input(key: key, verb: .append(value)))
            isUnderstood = true
        case (":ok", ":get", let value?): isUnderstood = events.end(process, .value(value))
        case (":ok", ":put", _?), (":ok", ":append", _?): isUnderstood = events.end(process, .done)
        default: isUnderstood = false
        }
        guard isUnderstood else { throw unknown }
    }
    return events.history.operations
}
