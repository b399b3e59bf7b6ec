import JSONText
import Testing

@testable import Manifest

/// Published cases for the keywords that the interpreter knows.
@Suite struct SchemaSuiteTests {
    /// The files of the suite whose keywords `SchemaLoader` reads. `pattern` is left out, because it is never checked;
    /// `$id`, `$schema` and `title` say nothing about documents.
    static let keywords = [
        "additionalProperties", "boolean_schema", "const", "default", "enum", "items", "maxItems", "maxLength",
        "maxProperties", "maximum", "minItems", "minLength", "minimum", "oneOf", "optional/format/ipv4", "properties",
        "propertyNames", "ref", "required", "type",
    ]

    /// Where ours is stricter than the standard, by the name of the case.
    static let stricter: [String: String] = [
        "maxLength: maxLength validation: two supplementary Unicode code points is long enough":
            "maxLength counts bytes, because bytes are what is stored and what a kernel takes",
        "maxLength: maxLength validation: two graphemes is long enough":
            "maxLength counts bytes, because bytes are what is stored and what a kernel takes",
    ]

    /// What the suite of Debian 12 holds; later suites hold more.
    private static let leastPassed = 294

    @Test(
        "Every published case whose schema the interpreter takes has its outcome",
        .enabled(if: SchemaSuite.mayRun, Comment(rawValue: SchemaSuite.absence)))
    func published() throws {
        var passed = 0
        var leftOut = 0
        for keyword in Self.keywords {
            let before = (passed, leftOut)
            for published in try SchemaSuite.cases(of: keyword) {
                // The interpreter refuses every word and every value of a word that it does not know.
                guard let schema = try? SchemaLoader(published.schema).load() else {
                    leftOut += 1
                    continue
                }
                let isValid = schema.violations(of: published.data, at: .root).isEmpty
                if let reason = Self.stricter[published.name] {
                    #expect(published.isValid && !isValid, "\(published.name) is as the standard says: \(reason)")
                    leftOut += 1
                    continue
                }
                #expect(isValid == published.isValid, "\(published.name)")
                passed += 1
            }
            print("\(keyword): \(passed - before.0) passed, \(leftOut - before.1) left out")
        }
        print("\(passed) published cases passed, \(leftOut) left out")
        #expect(passed >= Self.leastPassed)
    }
}
