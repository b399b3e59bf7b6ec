import Glibc
import JSONText
import TestFiles

/// The library `jsonschema` of Python as a second opinion on documents.
enum PythonSchema {
    /// A Python that has the library; nil if this host has none.
    static let interpreter: String? = ["python3", "/usr/bin/python3"].first { python in
        system("\(python) '\(script)' >/dev/null 2>&1") == 0
    }
    /// In CI the library must be there.
    static let mayRun = interpreter != nil || SharedData.isRequired
    static let absence = "Python's jsonschema is not installed: .ci/setup --tests"

    private static let script = SharedData.packageDirectory + "/Tests/JSONSchemaPeer/verdicts.py"

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Which of the documents are valid.
    static func verdicts(on documents: [JSON], schema: JSON) throws -> [Bool] {
        guard let interpreter else { throw Failure(description: absence) }
        return try TemporaryDirectory.with(named: "schema") { directory in
            let task: JSON = ["schema": schema, "documents": .array(documents)]
            try TextFile.write(String(decoding: task.canonicalBytes, as: UTF8.self), to: directory + "/task.json")
            let code = system("\(interpreter) '\(script)' '\(directory)/task.json' '\(directory)/verdicts'")
            let verdicts = (TextFile.read(directory + "/verdicts") ?? "").split(separator: "\n").map { $0 == "1" }
            guard code == 0, verdicts.count == documents.count else {
                throw Failure(description: "\(script) ended with \(code) after \(verdicts.count) documents")
            }
            return verdicts
        }
    }
}
