import JSONText
import TestFiles

/// The test cases that the authors of JSON Schema publish, for draft 2020-12.
enum SchemaSuite {
    /// Where `.ci/setup --tests` puts them, or where `BLIXARD_JSON_SCHEMA_SUITE` says; nil if they are not there.
    static let directory: String? = {
        let cache =
            SharedData.environment("XDG_CACHE_HOME") ?? SharedData.environment("HOME").map { $0 + "/.cache" } ?? ""
        let path =
            SharedData.environment("BLIXARD_JSON_SCHEMA_SUITE") ?? cache + "/blixard/json-schema-suite/draft2020-12"
        return TextFile.isDirectory(path) ? path : nil
    }()
    /// In CI they must be there.
    static let mayRun = directory != nil || SharedData.isRequired
    static let absence = "no JSON Schema test suite: .ci/setup --tests, or set BLIXARD_JSON_SCHEMA_SUITE"

    struct Case {
        /// `minimum: minimum validation: below the minimum is invalid`.
        let name: String
        let schema: JSON
        let data: JSON
        let isValid: Bool
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The cases of one file.
    static func cases(of keyword: String) throws -> [Case] {
        guard let directory else { throw Failure(description: absence) }
        let path = "\(directory)/\(keyword).json"
        guard let text = TextFile.read(path) else { throw Failure(description: "\(path) can't be read") }
        return (try JSON(parsing: Array(text.utf8)).array ?? []).flatMap { group in
            (group["tests"]?.array ?? []).compactMap { test in
                guard let schema = group["schema"], let data = test["data"], let isValid = test["valid"]?.bool else {
                    return nil
                }
                let words = [keyword, group["description"]?.string ?? "", test["description"]?.string ?? ""]
                return Case(name: words.joined(separator: ": "), schema: schema, data: data, isValid: isValid)
            }
        }
    }
}
