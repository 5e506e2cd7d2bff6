import { join, resolve } from "node:path";
import ts from "typescript";
import type { PropertyType, SchemaFile, TypeDefinition } from "../../src/languages/schemaFile";
import { readDocstring } from "./docstring";

const root = resolve(__dirname, "..", "..");
const packageName = "harbor-build";
const token = (name: string) => `${packageName}:index:${name}`;

/** The components, with the file of each and that of its arguments. */
const components = [
    { name: "CachedImage", file: "src/image/cachedImage.ts", args: "src/image/args.ts" },
    { name: "ImageProject", file: "src/project/imageProject.ts", args: "src/project/args.ts" },
] as const;

/** Outputs that contain a password as text. */
const secretOutputs = new Set(["pullSecret", "password"]);

/** Numbers that need not be whole; all others count something. */
const fractions = new Set(["storageQuota"]);

/** The schema of the components for other languages, read from their TypeScript types and docstrings. */
export function componentSchemaText(version: string): string {
    return `${JSON.stringify(new SchemaReader().read(version), null, 4)}\n`;
}

type Members = Record<string, PropertyType>;

class SchemaReader {
    private readonly types: Record<string, TypeDefinition> = {};
    private readonly program = ts.createProgram(
        components.flatMap(({ file, args }) => [join(root, file), join(root, args)]),
        { strict: true, target: ts.ScriptTarget.ES2022, skipLibCheck: true, noEmit: true },
    );
    private readonly checker = this.program.getTypeChecker();

    read(version: string): SchemaFile & Record<string, unknown> {
        const resources = components.map(({ name, file, args }) => {
            const component = this.find(file, name, ts.isClassDeclaration);
            const inputs = this.find(args, `${name}Args`, ts.isInterfaceDeclaration);
            const outputs = component.members
                .filter(ts.isPropertyDeclaration)
                .filter((member) => member.modifiers?.some(isPublic));
            const properties = this.members(outputs, "output");
            return [
                token(name),
                {
                    isComponent: true,
                    description: docOf(component),
                    properties,
                    required: Object.keys(properties),
                    inputProperties: this.members(inputs.members, "input"),
                    requiredInputs: requiredOf(inputs.members),
                },
            ] as const;
        });
        return {
            name: packageName,
            version,
            description: "Multi-stage Dockerfile builds with a builder-stage cache in Harbor.",
            license: "Apache-2.0",
            language: {
                // Without an import path of its own, since Pulumi's instructions name the default.
                go: { respectSchemaVersion: true },
                nodejs: { respectSchemaVersion: true },
                python: { pyproject: { enabled: true }, respectSchemaVersion: true },
            },
            types: Object.fromEntries(
                Object.entries(this.types).sort(([left], [right]) => (left < right ? -1 : 1)),
            ),
            resources: Object.fromEntries(resources),
        } as SchemaFile & Record<string, unknown>;
    }

    private find<T extends ts.Declaration & { readonly name?: ts.Node }>(
        file: string,
        name: string,
        is: (node: ts.Node) => node is T,
    ): T {
        const source = this.program.getSourceFile(join(root, file));
        const found = source?.statements.find(
            (statement) => is(statement) && statement.name?.getText() === name,
        );
        if (found === undefined || !is(found)) throw new Error(`${file} declares no ${name}`);
        return found;
    }

    private members(nodes: Iterable<ts.Node>, use: Use): Members {
        const members: Members = {};
        for (const node of nodes) {
            if (!ts.isPropertySignature(node) && !ts.isPropertyDeclaration(node)) continue;
            if (node.type === undefined || this.hasMethods(node.type)) continue;
            const name = node.name.getText();
            const type = this.type(node.type, use);
            const description = docOf(node);
            members[name] = {
                ...(fractions.has(name) ? { ...type, type: "number" } : type),
                ...(description === undefined ? {} : { description }),
                ...(secretOutputs.has(name) ? { secret: true } : {}),
            };
        }
        return members;
    }

    private type(node: ts.TypeNode, use: Use): PropertyType {
        const plain = use === "input" ? ({ plain: true } as const) : {};
        switch (node.kind) {
            case ts.SyntaxKind.StringKeyword:
                return { type: "string", ...plain };
            case ts.SyntaxKind.NumberKeyword:
                return { type: "integer", ...plain };
            case ts.SyntaxKind.BooleanKeyword:
                return { type: "boolean", ...plain };
        }
        if (ts.isArrayTypeNode(node)) {
            return this.collection("array", "items", this.type(node.elementType, use));
        }
        if (ts.isLiteralTypeNode(node)) {
            return { type: "boolean", ...plain };
        }
        if (!ts.isTypeReferenceNode(node)) {
            throw new Error(`the schema has no type for ${node.getText()}`);
        }
        const [first, second] = node.typeArguments ?? [];
        const name = node.typeName.getText();
        if (first !== undefined && /^pulumi\.(Input|Output)$/.test(name)) {
            return withoutPlain(this.type(first, use));
        }
        if (second !== undefined && name === "Record") {
            return this.collection("object", "additionalProperties", this.type(second, use));
        }
        return this.reference(node, use);
    }

    /** A list or a map is plain when its values are. */
    private collection(type: string, key: "items" | "additionalProperties", of: PropertyType) {
        return { type, [key]: of, ...(of.plain ? { plain: true as const } : {}) };
    }

    /** Whether a type is an interface with methods: other languages cannot pass functions. */
    private hasMethods(node: ts.TypeNode): boolean {
        const { symbol } = this.checker.getTypeFromTypeNode(node);
        return (
            symbol?.declarations?.some(
                (declaration) =>
                    ts.isInterfaceDeclaration(declaration) &&
                    declaration.getSourceFile().fileName.startsWith(join(root, "src")) &&
                    declaration.members.some(ts.isMethodSignature),
            ) ?? false
        );
    }

    private reference(node: ts.TypeReferenceNode, use: Use): PropertyType {
        const name = node.typeName.getText();
        let symbol = this.checker.getSymbolAtLocation(node.typeName);
        if (symbol !== undefined && symbol.flags & ts.SymbolFlags.Alias) {
            symbol = this.checker.getAliasedSymbol(symbol);
        }
        for (const declaration of symbol?.declarations ?? []) {
            if (ts.isInterfaceDeclaration(declaration)) {
                // Pulumi appends "Args" to the names of input types.
                const bare = name.replace(/Args$/, "");
                this.addObject(bare, declaration, use);
                return { $ref: `#/types/${token(bare)}` };
            }
            if (ts.isVariableDeclaration(declaration)) {
                this.addEnumeration(name, declaration);
                const plain = use === "input" ? ({ plain: true } as const) : {};
                return { $ref: `#/types/${token(name)}`, ...plain };
            }
        }
        throw new Error(`the schema has no type for ${name}`);
    }

    private addObject(name: string, declaration: ts.InterfaceDeclaration, use: Use): void {
        this.types[token(name)] ??= {
            type: "object",
            ...describe(declaration),
            properties: this.members(declaration.members, use),
            required: requiredOf(declaration.members),
        };
    }

    /** A constant object whose values are the strings of a type with its name. */
    private addEnumeration(name: string, declaration: ts.VariableDeclaration): void {
        const { initializer } = declaration;
        const object =
            initializer !== undefined && ts.isAsExpression(initializer)
                ? initializer.expression
                : initializer;
        if (object === undefined || !ts.isObjectLiteralExpression(object)) {
            throw new Error(`${name} is not a constant object`);
        }
        const values = object.properties.filter(ts.isPropertyAssignment).map((property) => ({
            name: property.name.getText(),
            value: String(JSON.parse(property.initializer.getText())),
            ...describe(property),
        }));
        this.types[token(name)] ??= {
            type: "string",
            ...describe(declaration.parent.parent),
            enum: values,
        };
    }
}

/** Whether a type is that of an argument or of an output. */
type Use = "input" | "output";

const isPublic = ({ kind }: ts.ModifierLike) => kind === ts.SyntaxKind.PublicKeyword;

function withoutPlain({ plain, ...type }: PropertyType): PropertyType {
    return type.items !== undefined
        ? { ...type, items: withoutPlain(type.items) }
        : type.additionalProperties !== undefined
          ? { ...type, additionalProperties: withoutPlain(type.additionalProperties) }
          : type;
}

function requiredOf(members: Iterable<ts.Node>): readonly string[] {
    return [...members]
        .filter((node) => ts.isPropertySignature(node) && node.questionToken === undefined)
        .map((node) => (ts.isPropertySignature(node) ? node.name.getText() : ""));
}

function describe(node: ts.Node): { readonly description?: string } {
    const description = docOf(node);
    return description === undefined ? {} : { description };
}

/** The docstring with its default as a last sentence, without examples in TypeScript. */
function docOf(node: ts.Node): string | undefined {
    const { text, defaultText } = readDocstring(node);
    const whole = [text, ...(defaultText === undefined ? [] : [`Default: ${defaultText}.`])].join(
        "\n",
    );
    const clean = whole.replace(/\{@link ([^}]+)\}/g, "`$1`").trim();
    return clean === "" ? undefined : clean;
}
