// The records of applications are written at every look at them; what they rest on changes with the decision only.
export const sql0016 = `
drop trigger application_resting on application;
create trigger application_rests after insert on application for each row execute function keep_resting();
create trigger application_resting after update of record on application for each row
  when (old.record -> 'placement' is distinct from new.record -> 'placement' or old.record -> 'clusters' is distinct from new.record -> 'clusters')
  execute function keep_resting();
`;
