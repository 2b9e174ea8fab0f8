/** Values of a YAML file as fields of a form. Beside the text, each changes the other (web/client/check-text.ts). */
import type { Choice, FormField } from '../../protocol/form-field.js';

interface FormFieldsProps {
  fields: FormField[];
  /** What the folded ones are called, after their number. */
  others?: string;
}

export function FormFields({ fields, others = 'more settings' }: FormFieldsProps) {
  if (fields.length === 0) return <p className="muted">The fields are shown here when the text can be read.</p>;
  const folded = fields.filter(({ is_first }) => !is_first);
  return (
    <>
      {fields
        .filter(({ is_first }) => is_first)
        .map((field) => (
          <Field key={field.path} field={field} />
        ))}
      {folded.length > 0 && (
        <details>
          <summary>
            {folded.length} {others}
          </summary>
          {folded.map((field) => (
            <Field key={field.path} field={field} />
          ))}
        </details>
      )}
    </>
  );
}

/** Choices with more characters than this have no room beside their label. */
const MAX_BESIDE = 24;

function Field({ field: { path, label, value, help, placeholder, choices } }: { field: FormField }) {
  const id = `set-${path}`;
  const meanings = (choices ?? []).filter(({ meaning }) => meaning !== '');
  const isListed = choices === null || choices.some((choice) => choice.value === value);
  const isWide = choices?.some(({ text }) => text.length > MAX_BESIDE);
  return (
    <div className={isWide ? 'setting wide' : 'setting'}>
      <label htmlFor={id}>{label ?? <code>{path}</code>}</label>
      {choices ? (
        <select id={id} data-setting={path} name={path} defaultValue={value} aria-describedby={`${id}-why`}>
          {!isListed && <option value={value}>{value}</option>}
          <Options choices={choices} />
        </select>
      ) : (
        <input
          id={id}
          data-setting={path}
          name={path}
          defaultValue={value}
          placeholder={placeholder}
          aria-describedby={`${id}-why`}
          autoComplete="off"
        />
      )}
      <p id={`${id}-why`} className="muted small">
        {choices?.find((choice) => choice.value === value)?.meaning} {help}
      </p>
      {meanings.length > 0 && (
        <details className="small">
          <summary>What each choice means</summary>
          <dl className="meanings">
            {meanings.map(({ text, meaning }) => (
              <div key={text}>
                <dt>{text}</dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}

export function Options({ choices }: { choices: Choice[] }) {
  const groups = [...new Set(choices.map(({ group }) => group))];
  return groups.map((group) => {
    const options = choices
      .filter((choice) => choice.group === group)
      .map(({ value, text }) => (
        <option key={value} value={value}>
          {text}
        </option>
      ));
    return group === undefined ? (
      options
    ) : (
      <optgroup key={group} label={group}>
        {options}
      </optgroup>
    );
  });
}
