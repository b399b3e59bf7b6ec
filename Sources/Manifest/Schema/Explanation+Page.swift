import JSONText

extension Explanation {
    /// The page while it is written, laid out as kubectl lays it out.
    struct Page {
        private(set) var text = ""

        private static let columns = 80

        mutating func heading(_ kind: KindInfo) {
            text += "GROUP:      \(KindInfo.group)\nKIND:       \(kind.kind)\nVERSION:    \(KindInfo.version)\n\n"
        }

        mutating func field(_ name: String, _ schema: Schema, update: UpdateClass?) {
            text += "FIELD: \(name) <\(Self.typeName(schema))>\n"
            for (title, value) in Self.facts(schema, update: update) { text += "\(title): \(value)\n" }
            text += "\n"
        }

        mutating func body(_ schema: Schema, recursive: Bool) {
            let items = schema.keywords.items
            text += "DESCRIPTION:\n"
            paragraph(schema.keywords.description ?? "<empty>", indent: 4)
            if let more = items?.keywords.description { paragraph(more, indent: 4) }
            let properties = (items ?? schema).keywords.properties
            guard !properties.isEmpty else { return }
            text += "\nFIELDS:\n"
            fields(of: items ?? schema, recursive: recursive, indent: 2)
        }

        private mutating func fields(of schema: Schema, recursive: Bool, indent: Int) {
            for property in schema.keywords.properties.sorted(by: { $0.name < $1.name }) {
                let margin = String(repeating: " ", count: indent)
                let required = schema.keywords.required.contains(property.name) ? " -required-" : ""
                text += "\(margin)\(property.name)\t<\(Self.typeName(property.schema))>\(required)\n"
                if recursive {
                    fields(of: property.schema.keywords.items ?? property.schema, recursive: true, indent: indent + 2)
                    continue
                }
                for (title, value) in Self.facts(property.schema, update: property.schema.keywords.update) {
                    text += "\(margin)\(title.lowercased()): \(value)\n"
                }
                paragraph(property.schema.keywords.description ?? "<no description>", indent: indent + 2)
                text += "\n"
            }
        }

        /// Breaks lines at spaces, at 80 columns.
        private mutating func paragraph(_ words: String, indent: Int) {
            let margin = String(repeating: " ", count: indent)
            var line = ""
            for word in words.split(separator: " ") {
                if !line.isEmpty, indent + line.count + 1 + word.count > Self.columns {
                    text += margin + line + "\n"
                    line = ""
                }
                line += line.isEmpty ? String(word) : " \(word)"
            }
            text += margin + line + "\n"
        }

        /// `string`, `integer`, `Object`, `[]Disk`, `map[string]string`.
        private static func typeName(_ schema: Schema) -> String {
            if case .each(let value) = schema.keywords.additionalProperties { return "map[string]\(typeName(value))" }
            switch schema.keywords.type {
            case .array: return "[]" + (schema.keywords.items.map(typeName) ?? "Object")
            case .object: return schema.keywords.title ?? "Object"
            case let type?: return type.rawValue
            case nil: return schema.keywords.choices == nil ? "Object" : "string"
            }
        }

        private static func facts(_ schema: Schema, update: UpdateClass?) -> [(title: String, value: String)] {
            let keywords = schema.keywords
            var facts: [(title: String, value: String)] = []
            if let choices = keywords.choices {
                facts.append(("ENUM", choices.map { $0.string ?? text($0) }.joined(separator: ", ")))
            }
            if let value = keywords.defaultValue { facts.append(("DEFAULT", value.string ?? text(value))) }
            let least = keywords.minimumQuantity.map(\.description) ?? keywords.minimum.map(String.init)
            let most =
                keywords.maximumQuantity.map(\.description) ?? keywords.maximum.map(String.init)
                ?? keywords.maxItems.map { "\($0) items" }
            switch (least, most) {
            case (let least?, let most?): facts.append(("LIMITS", "\(least) to \(most)"))
            case (let least?, nil): facts.append(("LIMITS", "at least \(least)"))
            case (nil, let most?): facts.append(("LIMITS", "at most \(most)"))
            case (nil, nil): break
            }
            if let update { facts.append(("UPDATE", update.rawValue)) }
            return facts
        }

        private static func text(_ value: JSON) -> String { String(decoding: value.canonicalBytes, as: UTF8.self) }
    }
}
